import { it } from "vitest";
import { testDict } from "../../src/testing/dict-contract.ts";
import { openTestAwsDict } from "../adapters/dict/aws-dict.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";

const aws = await emulatedAws({ iam: false });

testDict({
  describe: describeAws(aws),
  it,
  name: "DynamoDB and S3",
  async create() {
    const { dict, close } = await openTestAwsDict(aws.account);
    return { backend: { ...createMemoryBackend([]), objects: { dict } }, close };
  },
});
