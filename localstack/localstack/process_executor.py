"""Lambda functions for Node in LocalStack, run by AWS's own runtime client (npm aws-lambda-ric) as plain processes.

LocalStack keeps its pool, its versions, its queue of asynchronous calls and its event sources; what changes is what an
execution environment is. Stock LocalStack runs each in a container.
"""

import contextlib
import os
import tempfile
import time
import weakref

from localstack import config
from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from confinement import Layout
from environment import Environment, INIT_SECONDS, PROVISIONED_INIT_SECONDS, few_starts
from meter import meter
from platform_lines import platform_lines
from runtime_api import Invocation
from unpacked import remove, unpack

OWN_VARIABLES = ("LOCALSTACK_", "EDGE_PORT")  # that LocalStack adds for its own program in a container
# Request id -> what receives each chunk of the response as it is written, when the caller asked for a stream.
chunk_sinks = {}
_living = weakref.WeakSet()


def end_all():
    for process in list(_living):
        process.kill()


class ProcessExecutor(RuntimeExecutor):
    """One environment of a function; a new process follows when an invocation has ended the one before."""

    port = None
    _environment = _folder = None

    def start(self, env_vars):
        function = self.function_version.config
        if not (function.runtime or "").startswith("nodejs"):
            raise ValueError(f"{self.function_version.id.function_name} is for {function.runtime}; only Node runs without Docker")
        self._folder = tempfile.mkdtemp(prefix="function-")
        code = unpack(_zip_of(function.code), os.path.join(self._folder, "code"))
        self._layout = Layout(self._folder, code)
        self._env = {
            "LANG": "en_US.UTF-8",
            **{name: str(value) for name, value in env_vars.items() if not name.startswith(OWN_VARIABLES)},
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "LAMBDA_TASK_ROOT": self._layout.task_root,
        }
        self._spawn()
        provisioned = self._env.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency"
        limit = max(PROVISIONED_INIT_SECONDS, float(function.timeout)) if provisioned else INIT_SECONDS
        if not self._environment.wait_until_initialized(limit):
            self._environment.cut_init()
            self._spawn(init_in_invocation=True)

    def stop(self):
        environment, self._environment = self._environment, None
        if environment:
            environment.process.kill()
            environment.close()
        if self._folder:
            remove(self._folder)

    def invoke(self, payload):
        request_id = payload["invoke-id"]
        invocation = Invocation(
            request_id,
            payload["payload"].encode(),
            float(self.function_version.config.timeout),
            payload["invoked-function-arn"],
            payload["trace-id"],
            chunk_sinks.get(request_id),
        )
        from_ = time.monotonic()
        log = self._run(invocation)
        logs = self._report(request_id, log, (time.monotonic() - from_) * 1000)
        return InvocationResult(request_id, invocation.body, is_error=not invocation.ok, logs=logs)

    def _run(self, invocation):
        while True:
            if self._environment.process.poll() is not None:
                self._environment.close()
                self._spawn()
            log = self._environment.run(invocation)
            if not invocation.returned:
                return log
            invocation.give_again()
            self._environment.process.wait()

    def _spawn(self, init_in_invocation=False):
        self._environment = Environment(self._layout, self._env, self.port, init_in_invocation)
        _living.add(self._environment.process)

    def _report(self, request_id, log, milliseconds):
        """What was printed, between the lines that Lambda adds."""
        config, version = self.function_version.config, self.function_version.id.qualifier
        added = platform_lines(config.logging_config or {}, request_id, version, config.memory_size, milliseconds)
        meter.platform(added)
        return "".join(f"{line}\n" for line in [*added[:1], *([log] if log else []), *added[1:]])

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

    def get_logs(self):
        return ""

    @classmethod
    def prepare_version(cls, function_version):
        pass

    @classmethod
    def cleanup_version(cls, function_version):
        pass


def _zip_of(code):
    """LocalStack itself unpacks with modes of its own."""
    with tempfile.TemporaryFile() as file:
        code._download_archive_to_file(file)
        file.seek(0)
        return file.read()


def start_few_at_once():
    """Stock LocalStack starts an environment for each call that finds none free."""
    stock = AssignmentService.get_environment
    starts = few_starts()

    @contextlib.contextmanager
    def get_environment(self, version_manager_id, function_version, provisioning_type):
        with contextlib.ExitStack() as held:
            with starts[version_manager_id]:
                environment = held.enter_context(stock(self, version_manager_id, function_version, provisioning_type))
            yield environment

    AssignmentService.get_environment = get_environment


def install(port):
    start_few_at_once()
    ProcessExecutor.port = port
