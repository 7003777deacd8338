import { expect, test } from "vitest";
import { createAwsApps } from "../../../src/adapters/apps/aws.ts";
import type { AppOperator } from "../../../src/adapters/apps/aws-operator.ts";
import type { AwsClients } from "../../../src/adapters/aws/clients.ts";
import { NotFoundError, PermissionDeniedError } from "../../../src/model/errors.ts";
import { appParameter } from "../../../src/model/aws-names.ts";
import { manifestOf } from "../../synth/template.ts";

const NAME = appParameter("dev", "shop", 0);
const value = JSON.stringify({ version: "v1", manifest: manifestOf({ say: {}, alone: {} }, { name: "shop" }) });
const arn = `arn:aws:ssm:eu-west-1:123456789012:parameter${NAME}`;
const clients = async (): Promise<AwsClients> => ({ ssm: { get: async () => new Map([[NAME, { value, arn }]]) } }) as unknown as AwsClients;
/** An account that has no App in the environment. */
const operator = async (): Promise<AppOperator> => ({ list: async () => [], logs: async function* () {} }) as unknown as AppOperator;
const appsWhere = (error?: Error): ReturnType<typeof createAwsApps> =>
  createAwsApps("dev", clients, { operator, checkEnvironment: async () => (error === undefined ? "bucket" : Promise.reject(error)) });

test("no App is listed in an environment that is deployed, or that the caller may not ask for", async () => {
  expect(await appsWhere().list()).toEqual([]);
  expect(await appsWhere(new PermissionDeniedError("no")).list()).toEqual([]);
});

test("an environment that is not deployed has no list of Apps", async () => {
  const missing = new NotFoundError('Environment "dev" is not deployed.');
  await expect(appsWhere(missing).list()).rejects.toBe(missing);
});

test("the log of a Function that the App does not have is refused with those it has", async () => {
  const first = (fn: string): Promise<unknown> => appsWhere().logs("shop", { fn })[Symbol.asyncIterator]().next();
  await expect(first("nope")).rejects.toThrow('App "shop" has no Function "nope". It has say, alone.');
  expect(await first("say")).toMatchObject({ done: true });
});
