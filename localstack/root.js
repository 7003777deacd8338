// @ts-check

export const REGION = "us-east-1";
/** Of every emulated account. */
export const ACCOUNT_ID = "000000000000";

/**
 * The root key of MiniStack, and what LocalStack takes as well; a new object, as SDK clients write into it.
 *
 * @returns {import("./deployer.js").Credentials}
 */
export const rootKey = () => ({ accessKeyId: "test", secretAccessKey: "test" });
