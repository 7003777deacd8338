"""Lambda functions for Node in LocalStack, run by AWS's own runtime client (npm aws-lambda-ric) as plain processes.

LocalStack keeps its pool, its versions, its queue of asynchronous calls and its event sources; what changes is what an
execution environment is. Stock LocalStack runs each in a container.
"""

import contextlib
import os
import time
import weakref

from localstack import config
from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from environment import Environment, few_starts, runtime_command
from runtime_api import Invocation

# Request id -> what receives each chunk of the response as it is written, when the caller asked for a stream.
chunk_sinks = {}
_living = weakref.WeakSet()


def end_all():
    for process in list(_living):
        process.kill()


class ProcessExecutor(RuntimeExecutor):
    """One environment of a function; a new process follows when an invocation has ended the one before."""

    node = ric = None
    _environment = None

    def start(self, env_vars):
        function = self.function_version.config
        if not (function.runtime or "").startswith("nodejs"):
            raise ValueError(f"{self.function_version.id.function_name} is for {function.runtime}; only Node runs without Docker")
        self._code = str(function.code.get_unzipped_code_location())
        self._env = {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            **{name: str(value) for name, value in env_vars.items()},
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "LAMBDA_TASK_ROOT": self._code,
        }
        self._spawn()
        self._environment.wait_until_initialized()

    def stop(self):
        environment, self._environment = self._environment, None
        if environment:
            environment.process.kill()
            environment.close()

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

    def _spawn(self):
        memory = self.function_version.config.memory_size
        command = runtime_command(self.node, self.ric, memory, self._env["_HANDLER"])
        self._environment = Environment(command, self._code, self._env)
        _living.add(self._environment.process)

    def _report(self, request_id, log, milliseconds):
        """What was printed, between the lines that Lambda adds."""
        memory = self.function_version.config.memory_size
        lines = [
            f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}",
            *([log] if log else []),
            f"END RequestId: {request_id}",
            f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {int(milliseconds) + 1} ms"
            f"\tMemory Size: {memory} MB\tMax Memory Used: {memory} MB\t",
        ]
        return "\n".join(lines) + "\n"

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
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        pass


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


def install(node, ric):
    start_few_at_once()
    ProcessExecutor.node, ProcessExecutor.ric = node, ric
