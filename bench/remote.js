// A call of a deployed Function on the emulated account, against the bare command of the AWS SDK on the same Function.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { Client, RemoteFunction } from "tenon";
import { openAccount } from "./account.js";
import { measure, median } from "./harness.js";

const CALLS = 100;
const TEXT = "to be or not to be";

const account = await openAccount();
try {
  const folder = fileURLToPath(new URL("out/remote/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "app.ts");
  writeFileSync(
    file,
    'import { App } from "tenon";\nconst app = new App("remote");\nexport const echo = app.function("echo", async (text: string) => text);\n',
  );
  account.cdk(["deploy", "--require-approval", "never", "--app", `npx tenon synth ${file}`, "--output", join(account.folder, "app")]);
  await measure({
    name: "remote",
    what: `one call at a time on the emulated account, median of ${CALLS} in each round`,
    peer: "InvokeCommand",
    metrics: [{ key: "p50Ms", unit: "ms", ratioAtMost: 1.1 }],
    sides: { InvokeCommand: bare, tenon },
  });
} finally {
  await account.close();
}

/** @returns {Promise<import("./harness.js").Side>} */
async function bare() {
  const client = new LambdaClient({ maxAttempts: 1 });
  const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
  const FunctionName = Functions.find((each) => each.Description?.startsWith("Tenon Function remote/echo"))?.FunctionName;
  return {
    round: () =>
      round(async () => {
        const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify({ args: [TEXT] }) }));
        return JSON.parse(answer.Payload?.transformToString() ?? "null").result.value;
      }),
    close: async () => client.destroy(),
  };
}

/** @returns {Promise<import("./harness.js").Side>} */
async function tenon() {
  const client = new Client({ backend: "aws", environment: "dev" });
  const echo = RemoteFunction.fromName("remote", "echo", { client });
  return { round: () => round(() => echo.remote(TEXT)), close: () => client.close() };
}

/**
 * @param {() => Promise<unknown>} call
 * @returns {Promise<Record<string, number>>}
 */
async function round(call) {
  /** @type {number[]} */
  const found = [];
  for (let i = 0; i < CALLS; i++) {
    const from = performance.now();
    const value = await call();
    found.push(performance.now() - from);
    if (value !== TEXT) throw new TypeError(`a call gave ${JSON.stringify(value)}`);
  }
  return { p50Ms: median(found) };
}
