import { describe, it } from "vitest";
import { createLocalContractBackend, testCalls, testDict, testFunctions } from "tenon/testing";

testFunctions({ describe, it, name: "local backend", create: createLocalContractBackend });
testCalls({ describe, it, name: "local backend", create: createLocalContractBackend });
testDict({ describe, it, name: "local backend", create: createLocalContractBackend });
