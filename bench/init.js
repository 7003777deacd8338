// The init of a Lambda environment: from the start of its process until AWS's runtime client asks for the first event. Also
// the time until its first answer. Both against a bare handler.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { installEmulator } from "../localstack/install.js";
import { measure, median } from "./harness.js";

const STARTS = 11;
const { runtimeClient } = await installEmulator();

await measure({
  name: "init",
  what: `from the start of the process until it asks for its first event, and to its first answer, median of ${STARTS} in each round`,
  peer: "bare",
  metrics: [
    { key: "initMs", unit: "ms" },
    { key: "firstAnswerMs", unit: "ms" },
  ],
  sides: {
    async bare() {
      const folder = path("out/init-bare/");
      mkdirSync(folder, { recursive: true });
      const contents = "export const handler = async ({ args: [n] }) => n + 1;";
      // Bundled as by the CDK's NodejsFunction.
      await build({ stdin: { contents }, outfile: `${folder}index.mjs`, bundle: true, minify: true, format: "esm", platform: "node" });
      return side(folder, "index.handler", {});
    },
    async tenon() {
      const file = path("out/init-app.ts");
      mkdirSync(path("out/"), { recursive: true });
      writeFileSync(
        file,
        'import { App } from "tenon";\nexport const f = new App("init").function("f", {}, async (n: number) => n + 1);\n',
      );
      const { stdout } = spawnSync(process.execPath, [path("../bin/tenon.js"), "synth", "--parts", "--json", file], { encoding: "utf8" });
      const variables = ["ENVIRONMENT", "VERSION", "BUCKET", "CALLS_TABLE", "DISPATCHER_QUEUE_URL"].map((name) => [`TENON_${name}`, "x"]);
      const named = { TENON_APP: "init", TENON_FUNCTION: "f", TENON_BACKEND: "aws" };
      return side(JSON.parse(stdout).asset.dir, "init.handler", { ...Object.fromEntries(variables), ...named });
    },
  },
});

/**
 * @param {string} folder
 * @param {string} handler
 * @param {Record<string, string>} variables
 * @returns {import("./harness.js").Side}
 */
function side(folder, handler, variables) {
  return {
    async round() {
      const found = [];
      for (let i = 0; i < STARTS; i++) found.push(await start(folder, handler, variables));
      return { initMs: median(found.map((each) => each.initMs)), firstAnswerMs: median(found.map((each) => each.firstAnswerMs)) };
    },
    close: async () => undefined,
  };
}

/**
 * Milliseconds until a new process has asked for its first event, and has answered it.
 *
 * @param {string} folder
 * @param {string} handler
 * @param {Record<string, string>} variables
 */
async function start(folder, handler, variables) {
  /** @type {(answer: string) => void} */
  let answered = () => undefined;
  /** @type {Promise<string>} */
  const answer = new Promise((resolve) => (answered = resolve));
  let given = false;
  let initMs = 0;
  const api = createServer((request, response) => {
    if (request.method === "GET") {
      if (given) return;
      given = true;
      initMs = performance.now() - from;
      response
        .setHeader("Lambda-Runtime-Aws-Request-Id", "1")
        .setHeader("Lambda-Runtime-Deadline-Ms", String(Date.now() + 60_000))
        .setHeader("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
        .setHeader("Lambda-Runtime-Trace-Id", "x");
      response.end('{"args":[41]}');
      return;
    }
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      response.writeHead(202).end();
      answered(body);
    });
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (api.address());
  const env = {
    PATH: process.env.PATH,
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true",
    _HANDLER: handler,
    AWS_LAMBDA_FUNCTION_NAME: "f",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    AWS_LAMBDA_LOG_GROUP_NAME: "f",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
    LAMBDA_TASK_ROOT: folder,
    AWS_REGION: "us-east-1",
    ...variables,
  };
  const shim = path("../localstack/shared/runtime-shim.cjs");
  const from = performance.now();
  const child = spawn(process.execPath, ["--require", shim, runtimeClient, handler], { cwd: folder, env, stdio: "ignore" });
  const body = await answer;
  const firstAnswerMs = performance.now() - from;
  child.kill("SIGKILL");
  api.closeAllConnections();
  api.close();
  if (!body.includes("42")) throw new TypeError(`the first answer was ${body}`);
  return { initMs, firstAnswerMs };
}

/** @param {string} relative */
function path(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
