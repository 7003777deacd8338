/**
 * For tests: the contract suites of the ports, and the local backend with the App that they call.
 *
 * @module
 */
export { type ContractParams, type ContractSkip, type ContractBackend, type TestRunner } from "./contract.ts";
export { testFunctions } from "./functions-contract.ts";
export { testCalls } from "./calls-contract.ts";
export { testDict } from "./dict-contract.ts";
export { createLocalContractBackend } from "./local-backend.ts";
export { runForTest, type TestRun } from "./run-for-test.ts";
export { deployForTests, type DeployForTestsParams, type GlobalSetup } from "./deploy-for-tests.ts";
