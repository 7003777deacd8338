import { describe, it } from "vitest";
import { createLocalContractBackend, testCalls, testFunctions } from "tenon/testing";

testFunctions({ describe, it, name: "local backend", create: createLocalContractBackend });
testCalls({ describe, it, name: "local backend", create: createLocalContractBackend });
