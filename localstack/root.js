// @ts-check
import { randomBytes, randomInt } from "node:crypto";

export const REGION = "us-east-1";
/** Of every emulated account. */
export const ACCOUNT_ID = "000000000000";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * A key that an account's root gets: another one for each start. Its id is one that LocalStack gives out for the account,
 * and AWS for none.
 *
 * @returns {import("./deployer.js").Credentials}
 */
export function newRootKey() {
  const letters = Array.from({ length: 7 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return { accessKeyId: `LKIAQAAAAAAAA${letters}`, secretAccessKey: randomBytes(30).toString("base64url") };
}
