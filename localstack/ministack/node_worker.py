"""Lambda functions for Node in MiniStack, run by AWS's own runtime client (npm aws-lambda-ric) as plain processes.

MiniStack keeps its pool, its versions and its way of asynchronous calls; what changes is what an execution environment
is: a process that fetches invocations from a Runtime API of its own, as under Lambda.
"""

import base64
import contextvars
import io
import json
import os
import queue
import select
import signal
import subprocess
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

SHIM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime-shim.cjs")
MAX_RESPONSE = 6_291_556  # bytes of a buffered response; Lambda's own message names the number
MAX_LOG = 1 << 20
INIT_SECONDS = 10  # Lambda's limit of the init phase

# Receives each chunk of the response as it is written, when the caller asked for a stream.
chunk_sink = contextvars.ContextVar("chunk_sink", default=None)


def is_node(config):
    return str(config.get("Runtime", "")).startswith("nodejs")


def error_body(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def end_words(status):
    """How Lambda words the end of a process: `exit status 3`, `signal: killed`."""
    return f"signal: {signal.strsignal(-status).lower()}" if status < 0 else f"exit status {status}"


class Invocation:
    """One event on its way through one environment."""

    def __init__(self, request_id, event, timeout, arn, trace, sink):
        self.id, self.event, self.timeout, self.arn, self.trace, self.sink = request_id, event, timeout, arn, trace, sink
        self.started, self.done = threading.Event(), threading.Event()
        self.taken, self.returned = False, False
        self.deadline = 0.0
        self.ok, self.streamed, self.body = False, False, b""

    def start(self):
        self.taken = True
        self.deadline = time.time() + self.timeout  # loading the code is not the handler's time
        self.started.set()

    def give_back(self):
        """Its environment ended before it asked for it."""
        self.returned = True
        self.started.set()
        self.done.set()

    def give_again(self):
        self.returned = False
        self.started.clear()
        self.done.clear()

    def finish(self, body, ok=False, streamed=False):
        """The first result counts."""
        if self.done.is_set():
            return
        self.body, self.ok, self.streamed = body, ok, streamed
        self.started.set()
        self.done.set()


class LogPipe:
    """What a process prints. `take` has all that was written before it was called."""

    def __init__(self, stream):
        self._stream, self._lock, self._text = stream, threading.Lock(), b""
        threading.Thread(target=self._pump, daemon=True).start()

    def take(self):
        with self._lock:
            self._read()
            text, self._text = self._text, b""
        return text.decode(errors="replace").rstrip("\n")

    def _pump(self):
        open_ = True
        while open_:
            select.select([self._stream], [], [])
            with self._lock:
                open_ = self._read()

    def _read(self):
        while select.select([self._stream], [], [], 0)[0]:
            part = os.read(self._stream.fileno(), 65536)
            if not part:
                return False
            self._text = (self._text + part)[-MAX_LOG:]
        return True


class ProcessGroup(subprocess.Popen):
    """A process whose signals reach all that it has started."""

    def __init__(self, args, **options):
        super().__init__(args, start_new_session=True, **options)

    def send_signal(self, number):
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass


class RuntimeApi(BaseHTTPRequestHandler):
    """The Runtime API of Lambda (2018-06-01), as far as the Node client uses it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def _answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _chunks(self, trailers):
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            yield self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while line := self.rfile.readline().strip():
            name, value = line.decode().split(":", 1)
            trailers[name.lower()] = value.strip()

    def do_GET(self):
        invocation = self.server.environment.next()
        if invocation is None:
            self.close_connection = True
            return
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", invocation.id),
            ("Lambda-Runtime-Deadline-Ms", str(int(invocation.deadline * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.arn),
        ]
        if invocation.trace:
            headers.append(("Lambda-Runtime-Trace-Id", invocation.trace))
        self._answer(200, json.dumps(invocation.event).encode(), headers)

    def do_POST(self):
        environment = self.server.environment
        invocation = environment.current
        streamed = self.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming"
        trailers, parts = {}, []
        for part in self._chunks(trailers):
            if streamed and invocation and invocation.sink and part:
                invocation.sink(part)
            parts.append(part)
        body = b"".join(parts)
        if self.path.endswith("/init/error"):
            environment.init_error = body  # the process leaves next
        elif invocation and f"/{invocation.id}/" in self.path:
            if "lambda-runtime-function-error-type" in trailers:
                details = base64.b64decode(trailers.get("lambda-runtime-function-error-body", ""))
                invocation.finish(details or error_body(trailers["lambda-runtime-function-error-type"], ""))
            else:
                invocation.finish(body, ok=self.path.endswith("/response"), streamed=streamed)
        self._answer(202, b'{"status":"OK"}')


class Environment:
    """A running process and its Runtime API; it serves one invocation at a time until one of them ends it."""

    def __init__(self, command, folder, env):
        self.current, self.init_error, self._ready = None, None, False
        self._waiting, self._lock, self._ended = queue.Queue(), threading.Lock(), False
        self._api = ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
        self._api.daemon_threads = True
        self._api.environment = self
        threading.Thread(target=self._api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        env = {**env, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}"}
        self.process = ProcessGroup(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._log = LogPipe(self.process.stdout)
        threading.Thread(target=self._watch, daemon=True).start()

    def next(self):
        self._ready = True
        invocation = self._waiting.get()
        if invocation is not None:
            invocation.start()
        return invocation

    def run(self, invocation):
        """Waits for the result; returns what was printed meanwhile."""
        with self._lock:
            self.current = invocation
            if self._ended:
                self._fail()
        self._waiting.put(invocation)
        invocation.started.wait(INIT_SECONDS + invocation.timeout)
        if not invocation.done.wait(invocation.timeout):
            message = f"RequestId: {invocation.id} Error: Task timed out after {invocation.timeout:.2f} seconds"
            invocation.finish(error_body("Sandbox.Timedout", message))
            self.process.kill()
            self.process.wait()
        log = self._log.take()
        self.current = None
        return log

    def close(self):
        self._waiting.put(None)
        self._api.shutdown()
        self._api.server_close()

    def _watch(self):
        status = self.process.wait()
        with self._lock:
            self._ended = True
            self._status = end_words(status)
            self._fail()

    def _fail(self):
        if self.current and self._ready and not self.current.taken:
            self.current.give_back()  # an environment that has answered and then ended gets no other
        elif self.current:
            message = f"RequestId: {self.current.id} Error: Runtime exited with error: {self._status}"
            self.current.finish(self.init_error or error_body("Runtime.ExitError", message))


class NodeWorker(lambda_runtime.Worker):
    """MiniStack's view of an environment: it pools them, and ends them through `_proc` and `_discard_tmpdir`."""

    ric = node = port = None
    _environment = None

    def run(self, invocation):
        with self._lock:
            if self._proc is None or self._proc.poll() is not None:
                self._spawn()
            environment = self._environment
        log = environment.run(invocation)
        if not invocation.returned:
            return log
        invocation.give_again()
        environment.process.wait()
        return self.run(invocation)

    def _spawn(self):
        self._discard_tmpdir()
        self._tmpdir = tempfile.mkdtemp(prefix="function-")
        code = self._unpack(self.code_zip, "code")
        memory = max(64, int(self.config.get("MemorySize", 128)) - 32)  # of the heap; the process needs some beside it
        env = self._env(code, self._layers(code))
        command = [self.node, f"--max-old-space-size={memory}", "--require", SHIM, self.ric, env["_HANDLER"]]
        self._environment = Environment(command, code, env)
        self._proc = self._environment.process

    def _unpack(self, data, name):
        folder = os.path.join(self._tmpdir, name)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.extractall(folder)
        return folder

    def _layers(self, code):
        """Unpacks the layers; links their packages beside the code, where `import` finds them; returns the paths for `require`."""
        paths = []
        for index, layer in enumerate(self.config.get("Layers") or []):
            data = lambda_svc._resolve_layer_zip(layer)
            if not data:
                continue
            packages = os.path.join(self._unpack(data, f"layer-{index}"), "nodejs", "node_modules")
            if not os.path.isdir(packages):
                continue
            paths.append(packages)
            os.makedirs(os.path.join(code, "node_modules"), exist_ok=True)
            for name in os.listdir(packages):
                link = os.path.join(code, "node_modules", name)
                if not os.path.exists(link):
                    os.symlink(os.path.join(packages, name), link)
        return paths

    def _env(self, code, node_path):
        config = self.config
        name = config["FunctionName"]
        _, region = lambda_runtime._account_region_from_function_config(config)
        return {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "NODE_PATH": os.pathsep.join(node_path),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            **{key: str(value) for key, value in ((config.get("Environment") or {}).get("Variables") or {}).items()},
            # From here on: reserved, a function cannot set them.
            **lambda_runtime.execution_credentials(config),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": lambda_svc.new_uuid(),
            "AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1": "true",  # plain JavaScript: the native client is not built
            "LAMBDA_TASK_ROOT": code,
            "_HANDLER": config.get("Handler", "index.handler"),
        }

    def _discard_tmpdir(self):
        environment, self._environment = self._environment, None
        if environment:
            environment.close()
        super()._discard_tmpdir()


def execute(func, event, request_id):
    """Runs one invocation of a Node function; the error that the runtime sent stays as it is."""
    config = func.get("config") or func
    lambda_svc._ensure_reaper_thread()
    worker, _ = lambda_runtime.acquire_worker(
        config["FunctionName"], config, func["code_zip"], qualifier=config.get("Version", "$LATEST")
    )
    trace = lambda_svc._xray_trace_id_for_invocation(config)
    timeout = float(config.get("Timeout", 3))
    invocation = Invocation(request_id, event, timeout, config.get("FunctionArn", ""), trace, chunk_sink.get())
    try:
        log = worker.run(invocation)
    finally:
        lambda_runtime.release_worker(worker)
    body = invocation.body
    if invocation.ok and not invocation.streamed and len(body) > MAX_RESPONSE:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        return {"body": json.loads(error_body("Function.ResponseSizeTooLarge", message)), "error": True, "log": log}
    if invocation.streamed and invocation.ok:
        return {"body": body, "raw_payload": True, "log": log}
    result = {"body": json.loads(body) if body else None, "log": log}
    return result if invocation.ok else {**result, "error": True}


def install(ric, node, port):
    """Makes NodeWorker the environment of every function for Node; other runtimes keep MiniStack's."""
    NodeWorker.ric, NodeWorker.node, NodeWorker.port = ric, node, port
    stock_class, stock_execute = lambda_runtime._worker_class_for, lambda_svc._execute_function_warm

    def worker_class_for(config):
        return NodeWorker if is_node(config) else stock_class(config)

    def execute_function_warm(func, event, request_id):
        ours = is_node(func.get("config") or func) and func.get("code_zip")
        return (execute if ours else stock_execute)(func, event, request_id)

    lambda_runtime._worker_class_for = worker_class_for
    lambda_svc._execute_function_warm = execute_function_warm
