// Loaded before aws-lambda-ric in every function's process: lets it run as a plain process on this machine.
const { existsSync, realpathSync } = require("node:fs");
const http = require("node:http");
const Module = require("node:module");

// The Runtime API serves who knows it; the function's own code sees the environment that it has on AWS.
const secret = process.env.TENON_RUNTIME_SECRET ?? "";
delete process.env.TENON_RUNTIME_SECRET;
const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function request(options, callback) {
  return http.request({ ...options, headers: { ...options.headers, "tenon-runtime-secret": secret } }, callback);
}

function post(path, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request({ host, port, path, method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// The native client is loaded even where the one in plain JavaScript fetches the invocations; it sends the results.
const client = {
  initializeClient() {},
  done: (id, body) => post(`/2018-06-01/runtime/invocation/${id}/response`, body),
  error: (id, body) => post(`/2018-06-01/runtime/invocation/${id}/error`, body),
};
// What the function's code starts loads this as well, and may have no file.
const runtimeClient = existsSync(process.argv[1] ?? "") ? realpathSync(process.argv[1]) : undefined;
const load = Module._load;
Module._load = function (name, parent, ...rest) {
  if (name.endsWith("rapid-client.node")) return client;
  if (name === "node:http" && parent && parent.filename === runtimeClient) return { ...http, request };
  return load.call(this, name, parent, ...rest);
};

// An emulator that was killed takes its functions with it.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 500).unref();
