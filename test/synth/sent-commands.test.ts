import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { APPS_ACTIONS } from "../../src/adapters/apps/iam.ts";
import { CALLS_ACTIONS } from "../../src/adapters/calls/iam.ts";
import { DICT_ACTIONS } from "../../src/adapters/dict/iam.ts";
import { FUNCTIONS_ACTIONS } from "../../src/adapters/functions/iam.ts";
import { commandsOf } from "../helpers/sent-commands.ts";
import { appTemplate, environmentTemplate, manifestOf, removeFolders, statementsOf, statementsOfRole } from "./template.ts";

// What the runtime can send is read from its source; what it may send, from the roles in a template. Neither may hold
// anything that the other lacks.
afterAll(removeFolders);

const CLIENTS = join(import.meta.dirname, "../../src/adapters/aws");

/** Clients that no container has, each with whose they are. */
const NOT_OF_THE_RUNTIME: Readonly<Record<string, string>> = {
  "app-control.ts": "whoever lists and stops Apps: src/synth/account-policies.ts",
  "deployments.ts": "whoever deploys: src/synth/account-policies.ts",
  "environment-data.ts": "whoever deletes an environment with its data",
  "identity.ts": "whoever makes an object outside of Apps",
  "logs.ts": "whoever runs an App on AWS for a while: src/synth/account-policies.ts",
  "stacks.ts": "the root of an account that exists for tests",
};

/** The IAM actions of each command, where they have another name; of a transaction, those of the members that are sent. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "lambda:Invoke": ["lambda:InvokeFunction"],
  "lambda:InvokeWithResponseStream": ["lambda:InvokeFunction"],
  "dynamodb:TransactWriteItems": ["dynamodb:PutItem", "dynamodb:DeleteItem"],
  "sqs:SendMessageBatch": ["sqs:SendMessage"],
  "s3:DeleteObjects": ["s3:DeleteObject"],
  "s3:ListObjectsV2": ["s3:ListBucket"],
};

/** Actions that AWS's own services take in the role's name, so that no command of ours stands for them. */
const TAKEN_BY_AWS: Readonly<Record<string, string>> = {
  "logs:CreateLogStream": "Lambda writes the log",
  "logs:PutLogEvents": "Lambda writes the log",
  "sqs:ReceiveMessage": "Lambda's event source mapping",
  "sqs:GetQueueAttributes": "Lambda's event source mapping",
};

const sent = [
  ...new Set(
    readdirSync(CLIENTS)
      .filter((file) => !(file in NOT_OF_THE_RUNTIME))
      .flatMap((file) => commandsOf(readFileSync(join(CLIENTS, file), "utf8")))
      .flatMap((command) => ACTIONS[command] ?? [command]),
  ),
].toSorted();

const template = appTemplate(manifestOf({ count: {}, fed: { maxContainers: 2 } }, { objects: { dict: [{ name: "seen" }] } }));
const roles = [
  statementsOf(template, "functions"),
  statementsOf(template, "dispatcher"),
  statementsOfRole(environmentTemplate("dev"), (id) => id.startsWith("Sweeper")),
];
const allowed = [...new Set(roles.flat().flatMap(({ Action }) => Action))].toSorted();

it("finds the commands that clients make", () => {
  expect(commandsOf('import { type A, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb"; new GetItemCommand({});')).toEqual([
    "dynamodb:GetItem",
  ]);
  expect(sent).toEqual(expect.arrayContaining(["dynamodb:BatchGetItem", "lambda:InvokeFunction", "s3:GetObject", "ssm:GetParameters"]));
  expect(Object.keys(NOT_OF_THE_RUNTIME).filter((file) => !readdirSync(CLIENTS).includes(file))).toEqual([]);
});

it("a synthesized role allows each command that the runtime can send", () => {
  expect(sent.filter((action) => !allowed.includes(action))).toEqual([]);
});

it("nothing is allowed that nothing sends", () => {
  expect(allowed.filter((action) => !sent.includes(action) && !(action in TAKEN_BY_AWS))).toEqual([]);
  expect(Object.keys(TAKEN_BY_AWS).filter((action) => !allowed.includes(action))).toEqual([]);
});

it("the adapters list each action that the roles allow, and no other", () => {
  const listed = [APPS_ACTIONS, CALLS_ACTIONS, DICT_ACTIONS, FUNCTIONS_ACTIONS].flatMap((port) =>
    Object.values(port).flatMap((operation) => Object.values(operation).flat()),
  );
  expect([...new Set(listed)].toSorted()).toEqual(allowed.filter((action) => !action.startsWith("logs:")));
});

it("each command to S3 says whose bucket it must be", () => {
  const commands = readdirSync(CLIENTS).flatMap((file) => {
    const source = readFileSync(join(CLIENTS, file), "utf8");
    const names = commandsOf(source).flatMap((command) => (command.startsWith("s3:") ? [command.slice("s3:".length)] : []));
    return names.flatMap((name) =>
      [...source.matchAll(new RegExp(`new ${name}Command\\(([^)]*\\))`, "g"))].map(([call]) => `${file}: ${call}`),
    );
  });
  expect(commands.length).toBeGreaterThanOrEqual(9);
  expect(commands.filter((call) => !call.includes("ownedBucket("))).toEqual([]);
});
