import { describe, it } from "vitest";
import { testDict } from "../../src/testing/dict-contract.ts";
import { openTestDict } from "../adapters/dict/local-dict.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";

testDict({
  describe,
  it,
  name: "LMDB",
  async create() {
    const { dict, close } = await openTestDict();
    return { backend: { ...createMemoryBackend([]), objects: { dict } }, close };
  },
});

testDict({
  describe,
  it,
  name: "memory",
  async create() {
    return { backend: createMemoryBackend([]), close: () => Promise.resolve() };
  },
});
