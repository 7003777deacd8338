// Loaded before aws-lambda-ric in every function's process: lets it run as a plain process on this machine.
const http = require("node:http");
const Module = require("node:module");

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// The Runtime API serves requests with the secret. All requests for it pass here: those of the runtime client, of the
// function's own code, and of its threads.
const secret = process.env.TENON_RUNTIME_SECRET;
const { addRequest } = http.Agent.prototype;
http.Agent.prototype.addRequest = function (request, options, ...rest) {
  if (secret && String(options.port) === port && (options.host ?? options.hostname) === host) {
    request.setHeader("tenon-runtime-secret", secret);
  }
  return addRequest.call(this, request, options, ...rest);
};

function post(path, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request({ host, port, path, method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", resolve);
    });
    request.on("error", reject);
    request.end(body);
  });
}

// The native client is loaded even where the one in plain JavaScript fetches the invocations; it sends the results.
const client = {
  initializeClient() {},
  done: (id, body) => post(`/2018-06-01/runtime/invocation/${id}/response`, body),
  error: (id, body) => post(`/2018-06-01/runtime/invocation/${id}/error`, body),
};
const load = Module._load;
Module._load = function (request, ...rest) {
  return request.endsWith("rapid-client.node") ? client : load.call(this, request, ...rest);
};

// An emulator that was killed takes its functions with it.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 500).unref();
