import type { EncodedValue } from "../../model/encoded.ts";
import { InternalFailure, NotFoundError, RequestSizeError, TenonError } from "../../model/errors.ts";
import type { DictKey } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import { awsError, type AwsRequest, readAwsFailure } from "../aws/failures.ts";
import { MAX_PAIR_BYTES, MAX_UPDATE_ENTRIES } from "./limits.ts";

/** Throws `RequestSizeError` for a pair above 100 MiB. */
export function checkPair(key: DictKey, value: EncodedValue): void {
  // Counting the bytes of a text is only worth it near the limit.
  const atMost = value.parts.reduce((bytes, part) => bytes + part.byteLength, 3 * (key.text.length + value.text.length));
  if (atMost <= MAX_PAIR_BYTES) return;
  const bytes = Buffer.byteLength(key.text) + valueBytes(value);
  if (bytes <= MAX_PAIR_BYTES) return;
  throw new RequestSizeError(`A pair of a Dict has ${bytes} bytes, key and value encoded; the most is ${MAX_PAIR_BYTES} (100 MiB).`, {
    hint: "Keep the data in a bucket, and put where it is.",
  });
}

/** Throws `RequestSizeError` for more pairs than one `update` takes. */
export function checkUpdate(entries: number): void {
  if (entries <= MAX_UPDATE_ENTRIES) return;
  throw new RequestSizeError(`Dict.update request is too large: ${entries} entries; the most is ${MAX_UPDATE_ENTRIES}.`, {
    hint: "Call update several times, with fewer entries each.",
  });
}

/** The error of Tenon that stands for one of AWS. */
export function dictFailure(thrown: unknown, request: AwsRequest, environment: string): Error {
  if (TenonError.is(thrown)) return thrown;
  const { error, kind } = readAwsFailure(thrown);
  if (kind !== "missing" && error.name !== "NoSuchBucket" && !NO_INDEX.test(error.message)) return awsError(thrown, request);
  return new NotFoundError(
    `Environment "${environment}" is not deployed, or it is older than this version of Tenon: ${request.resource} is missing.`,
    { cause: error, hint: `Run \`tenon env deploy -e ${environment}\`.` },
  );
}

/** Others replace one pair so often that its value is gone whenever it is to be read. */
export function movingPair(ref: ObjectRef, tries: number): InternalFailure {
  return new InternalFailure(`A pair of Dict "${ref.name}" was replaced ${tries} times while it was to be read.`, {
    hint: "Write it less often, or keep its value below 3 KiB, where one read is enough.",
  });
}

/** Bytes of an encoded value, its text in UTF-8. */
export function valueBytes({ text, parts }: EncodedValue): number {
  return parts.reduce((bytes, part) => bytes + part.byteLength, Buffer.byteLength(text));
}

// --- Internal helpers ---

/** DynamoDB's words for an index that a table lacks. */
const NO_INDEX = /does not have the specified index/;
