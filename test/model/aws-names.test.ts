import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appParameter,
  appStack,
  blobBucket,
  callPartition,
  callsTable,
  checkAwsEnvironment,
  cutAppParameter,
  dataTable,
  dispatcherDeadLetterQueue,
  dispatcherName,
  dispatcherQueue,
  environmentStack,
  environmentVersionParameter,
  functionName,
  inputObject,
  inputQueue,
  MAX_APP_PARAMETER_BYTES,
  outputObject,
} from "../../src/model/aws-names.ts";
import { InvalidError } from "../../src/model/errors.ts";
import { physicalName } from "../../src/model/physical-name.ts";

describe("names on AWS", () => {
  it.each(["dev", "a", "prod2", "a".repeat(16)])("of environments may be %s", (name) => {
    expect(checkAwsEnvironment(name)).toBe(name);
  });

  it.each(["", "Dev", "2dev", "my-env", "a".repeat(17), "dev\n", 7, undefined])("of environments may not be %j", (name) => {
    expect(() => checkAwsEnvironment(name)).toThrow(InvalidError);
  });

  it("of stacks hold letters, digits and dashes only", () => {
    expect(environmentStack("dev")).toBe("tenon-dev");
    expect(appStack("dev", "word-count")).toBe("tenon-dev-word-count");
    expect(appStack("dev", "word.count_2")).toMatch(/^tenon-dev-word-count-2-[a-z2-7]{16}$/);
    expect(appStack("dev", "word.count")).not.toBe(appStack("dev", "word_count"));
    expect(appStack("a".repeat(16), `${"_".repeat(63)}.`).length).toBeLessThanOrEqual(128);
  });

  it("of resources are known to whoever knows environment, App and Function", () => {
    expect(callsTable("dev")).toBe(physicalName(["tenon", "dev", "calls"]));
    expect(dataTable("dev")).toBe(physicalName(["tenon", "dev", "data"]));
    expect(blobBucket("dev", "123456789012", "eu-central-1")).toBe("tenon-dev-123456789012-eu-central-1");
    expect(functionName("dev", "wordcount", "count")).toBe(physicalName(["tenon", "dev", "wordcount", "count"]));
    expect(dispatcherName("dev", "wordcount")).toBe(physicalName(["tenon", "dev", "wordcount", "$dispatcher"]));
    expect(new Set([dispatcherName("dev", "a"), dispatcherQueue("dev", "a"), dispatcherDeadLetterQueue("dev", "a")]).size).toBe(3);
  });

  it("of the queues that feed Functions are there with maxContainers only, and say when they are FIFO", () => {
    const queue = (name: string, maxContainers: number | null, kind: "function" | "generator" = "function"): string | undefined =>
      inputQueue("dev", "wordcount", { name, kind, maxContainers });
    expect([queue("count", null), queue("count", 2, "generator")]).toEqual([undefined, undefined]);
    expect(queue("count", 2)).toBe(physicalName(["tenon", "dev", "wordcount", "count", "inputs"]));
    expect(queue("count", 1)).toBe(`${queue("count", 2)}.fifo`);
    // SQS takes 80 characters.
    expect(queue("f".repeat(64), 1)!.length).toBeLessThanOrEqual(80);
  });

  it("of buckets fit with the longest environment, account and region", () => {
    expect(blobBucket("a".repeat(16), "123456789012", "ap-southeast-5").length).toBeLessThanOrEqual(63);
  });

  it("of parameters, rows and objects say whose they are", () => {
    expect(environmentVersionParameter("dev")).toBe("/tenon/dev/version");
    expect(appParameter("dev", "wordcount", 1)).toBe("/tenon/dev/apps/wordcount/1");
    expect(callPartition("in", "abc", "fc-abc1")).toBe("in#abc#fc-abc1");
    expect(callPartition("due", "abc", "7")).toBe("due#abc#7");
    expect(callPartition("out", "abc")).toBe("out#abc*");
    expect(inputObject("wordcount", "count", "fc-1", "in-1")).toBe("in/wordcount/count/fc-1/in-1");
    expect(outputObject("wordcount", "count", "fc-1", 2)).toBe("out/wordcount/count/fc-1/2");
  });
});

describe("an App's parameter", () => {
  it("is cut into pieces that fit and make the text again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.integer({ min: 0, max: 400 }), (part, times) => {
        const text = part.repeat(times);
        const pieces = cutAppParameter(text);
        expect(pieces.join("")).toBe(text);
        for (const piece of pieces) {
          expect(piece).not.toBe("");
          expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(MAX_APP_PARAMETER_BYTES);
        }
      }),
    );
  });

  it("is one piece as long as it fits, and never cut inside a character", () => {
    expect(cutAppParameter("x".repeat(4_000))).toHaveLength(1);
    expect(cutAppParameter("x".repeat(4_001)).map((piece) => piece.length)).toEqual([4_000, 1]);
    expect(cutAppParameter(`${"x".repeat(3_999)}😀`)).toEqual(["x".repeat(3_999), "😀"]);
  });
});
