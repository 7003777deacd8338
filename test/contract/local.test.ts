import { describe, it } from "vitest";
import { createTwin, testCalls, testFunctions } from "tenon/testing";

testFunctions({ describe, it, name: "local twin", create: createTwin });
testCalls({ describe, it, name: "local twin", create: createTwin });
