"""Lambda functions for Node in MiniStack, run by AWS's own runtime client (npm aws-lambda-ric) as plain processes.

MiniStack keeps its pool, its versions and its way of asynchronous calls; what changes is what an execution environment
is: a process that fetches invocations from a Runtime API of its own, as under Lambda.
"""

import contextvars
import io
import json
import os
import tempfile
import zipfile

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from environment import Environment, few_starts, runtime_command
from runtime_api import Invocation

# Receives each chunk of the response as it is written, when the caller asked for a stream.
chunk_sink = contextvars.ContextVar("chunk_sink", default=None)
_starts = few_starts()


def is_node(config):
    return str(config.get("Runtime", "")).startswith("nodejs")


class NodeWorker(lambda_runtime.Worker):
    """MiniStack's view of an environment: it pools them, and ends them through `_proc` and `_discard_tmpdir`."""

    ric = node = port = None
    _environment = None

    def start(self):
        """Gives a living environment, which asks for its first event or has ended while it started."""
        with self._lock:
            if self._proc is None or self._proc.poll() is not None:
                self._spawn()
            environment = self._environment
        environment.wait_until_initialized()
        return environment

    def run(self, invocation):
        environment = self.start()
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
        env = self._env(code, self._layers(code))
        command = runtime_command(self.node, self.ric, self.config.get("MemorySize", 128), env["_HANDLER"])
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
    name, qualifier = config["FunctionName"], config.get("Version", "$LATEST")
    with _starts[config.get("FunctionArn", name), qualifier]:
        worker, _ = lambda_runtime.acquire_worker(name, config, func["code_zip"], qualifier=qualifier)
        try:
            worker.start()
        except BaseException:
            lambda_runtime.release_worker(worker)
            raise
    trace = lambda_svc._xray_trace_id_for_invocation(config)
    timeout = float(config.get("Timeout", 3))
    payload = json.dumps(event).encode()
    invocation = Invocation(request_id, payload, timeout, config.get("FunctionArn", ""), trace, chunk_sink.get())
    try:
        log = worker.run(invocation)
    finally:
        lambda_runtime.release_worker(worker)
    body = invocation.body
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
