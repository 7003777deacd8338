"""Lambda functions for Node in MiniStack, run by AWS's own runtime client (npm aws-lambda-ric) as plain processes.

MiniStack keeps its pool, its versions and its way of asynchronous calls; what changes is what an execution environment
is: a process that fetches invocations from a Runtime API of its own, as under Lambda.
"""

import contextvars
import json
import os
import tempfile

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from confinement import Layout
from environment import Environment, few_starts
from runtime_api import Invocation
from unpacked import remove, unpack

# Receives each chunk of the response as it is written, when the caller asked for a stream.
chunk_sink = contextvars.ContextVar("chunk_sink", default=None)
_starts = few_starts()


def is_node(config):
    return str(config.get("Runtime", "")).startswith("nodejs")


class NodeWorker(lambda_runtime.Worker):
    """MiniStack's view of an environment: it pools them, and ends them through `_proc` and `_discard_tmpdir`."""

    port = None
    _environment = _layout = None

    def start(self):
        """Gives a living environment, which asks for its first event or has ended while it started."""
        with self._lock:
            if self._proc is None or self._proc.poll() is not None:
                self._spawn()
            environment = self._environment
        if environment.wait_until_initialized():
            return environment
        environment.cut_init()
        with self._lock:
            self._spawn(init_in_invocation=True)
            return self._environment

    def run(self, invocation):
        environment = self.start()
        log = environment.run(invocation)
        if not invocation.returned:
            return log
        invocation.give_again()
        environment.process.wait()
        return self.run(invocation)

    def _spawn(self, init_in_invocation=False):
        """A process that follows another one finds what that has left in /tmp, as on Lambda."""
        self._end_environment()
        if self._layout is None:
            self._tmpdir = tempfile.mkdtemp(prefix="function-")
            code, layers = os.path.join(self._tmpdir, "code"), os.path.join(self._tmpdir, "layers")
            unpack(self.code_zip, code)
            has_layers = self._unpack_layers(layers, code)
            self._layout = Layout(self._tmpdir, code, layers if has_layers else None)
        self._environment = Environment(self._layout, self._env(), self.port, init_in_invocation)
        self._proc = self._environment.process

    def _unpack_layers(self, layers, code):
        """Unpacks the layers into one folder, and links their packages beside the code, where `import` finds them."""
        zips = [lambda_svc._resolve_layer_zip(layer) for layer in self.config.get("Layers") or []]
        for data in filter(None, zips):
            unpack(data, layers)
        packages = os.path.join(layers, "nodejs", "node_modules")
        for name in os.listdir(packages) if os.path.isdir(packages) else []:
            link = os.path.join(code, "node_modules", name)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.chmod(os.path.dirname(link), 0o755)
            if not os.path.exists(link):
                os.symlink(os.path.join(Layout.layers_root(layers), "nodejs", "node_modules", name), link)
        return any(zips)

    def _env(self):
        config, layout = self.config, self._layout
        name = config["FunctionName"]
        _, region = lambda_runtime._account_region_from_function_config(config)
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "NODE_PATH": os.path.join(Layout.layers_root(layout.layers or ""), "nodejs", "node_modules"),
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
            "LAMBDA_TASK_ROOT": layout.task_root,
            "_HANDLER": config.get("Handler", "index.handler"),
        }

    def _end_environment(self):
        environment, self._environment = self._environment, None
        if environment:
            environment.close()

    def _discard_tmpdir(self):
        self._end_environment()
        if self._tmpdir:
            remove(self._tmpdir)
        self._layout = None


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


def install(port):
    """Makes NodeWorker the environment of every function for Node; other runtimes keep MiniStack's."""
    NodeWorker.port = port
    stock_class, stock_execute = lambda_runtime._worker_class_for, lambda_svc._execute_function_warm

    def worker_class_for(config):
        return NodeWorker if is_node(config) else stock_class(config)

    def execute_function_warm(func, event, request_id):
        ours = is_node(func.get("config") or func) and func.get("code_zip")
        return (execute if ours else stock_execute)(func, event, request_id)

    lambda_runtime._worker_class_for = worker_class_for
    lambda_svc._execute_function_warm = execute_function_warm
