import type { Account } from "./aws-world.ts";
export const account: Account = { endpoint: process.env["AWS_ENDPOINT_URL"]!, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
