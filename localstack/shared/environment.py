"""An execution environment of Lambda: a process of AWS's own runtime client (npm aws-lambda-ric) and its Runtime API."""

import collections
import os
import queue
import select
import signal
import threading
import time

import memory
from confinement import runtime_command, start
from freezer import Freezer
from meter import meter
from runtime_api import RuntimeApi, error_body

MAX_LOG = 1 << 20
STARTS_AT_ONCE = os.cpu_count() or 2
INIT_SECONDS = 10  # Lambda's limit of the init phase
PROVISIONED_INIT_SECONDS = 130  # or the function's timeout, if that is more


def few_starts():
    """For each function, how many of its environments may start at once.

    A call that waits for one to start takes one that has become free meanwhile, as on AWS. Without this a burst would be
    as many processes on a few cores.
    """
    return collections.defaultdict(lambda: threading.Semaphore(STARTS_AT_ONCE))


def signal_text(number):
    """As Lambda writes it, which is how Go does: "killed", "virtual timer expired"."""
    return (signal.strsignal(number) or str(number)).split(":")[0].lower()


def exit_text(status):
    """Why an invocation failed whose process ended, in the words of Lambda's own code (rapid/handlers.go of its emulator)."""
    if status == 0:
        return "Runtime exited without providing a reason"
    return f"Runtime exited with error: signal: {signal_text(-status)}" if status < 0 else f"Runtime exited with error: exit status {status}"


def readable(stream, milliseconds=None):
    """Waits until there is something to read, or nothing ever will be. select() takes no descriptor above 1023."""
    waiting = select.poll()
    waiting.register(stream, select.POLLIN)
    return waiting.poll(milliseconds)


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
            readable(self._stream)
            with self._lock:
                open_ = self._read()

    def _read(self):
        while readable(self._stream, 0):
            part = os.read(self._stream.fileno(), 65536)
            if not part:
                return False
            self._text = (self._text + part)[-MAX_LOG:]
        return True


class Environment:
    """A running process and its Runtime API; it serves one invocation at a time until one of them ends it.

    `port` is the emulator's. `init_in_invocation`: the init before this one was cut off, so this one has the time of the
    first invocation.
    """

    def __init__(self, layout, env, port, init_in_invocation=False):
        self.current, self.init_error, self._ready = None, None, False
        self._init_in_invocation = init_in_invocation
        self._memory_limit = memory.limit(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
        self._waiting, self._lock, self._ended = queue.Queue(), threading.Lock(), False
        self._initialized = threading.Event()
        self._api = RuntimeApi(self)
        # In plain JavaScript: the client's native part is not built.
        client = {
            "AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1": "true",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
            "TENON_RUNTIME_SECRET": self._api.secret,
        }
        command = runtime_command(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], env["_HANDLER"])
        self.process = start(command, layout, {**env, **client})
        self._memory_limit.hold(self.process)
        self._freezer = Freezer(self.process, port)
        self._log = LogPipe(self.process.stdout)
        threading.Thread(target=self._watch, daemon=True).start()

    def wait_until_initialized(self, seconds=INIT_SECONDS):
        """Until the process asks for its first event, or has ended; says whether it does so in time."""
        return self._init_in_invocation or self._initialized.wait(seconds)

    def cut_init(self):
        """Ends an init that takes too long. Lambda then runs it again in the first invocation, whose time it takes."""
        self.process.kill()
        self.process.wait()
        self.close()

    def next(self):
        if self.current and self.current.taken:
            self.current.settle(asked=True)
        self._ready = True
        self._initialized.set()
        invocation = self._freezer.take(self._waiting, lambda: self.current is None)
        if invocation is not None:
            invocation.start()
        return invocation

    def run(self, invocation):
        """Waits for the result; returns what was printed meanwhile. An invocation that is `returned` is for another one."""
        with self._lock:
            self.current = invocation
            if self._ended:
                self._fail()
        if self._init_in_invocation and not self._ready:
            invocation.deadline = time.time() + invocation.timeout
        self._waiting.put(invocation)
        if not invocation.deadline:
            invocation.started.wait(INIT_SECONDS + invocation.timeout)
        if not invocation.done.wait(invocation.timeout):
            message = f"RequestId: {invocation.id} Error: Task timed out after {invocation.timeout:.2f} seconds"
            invocation.finish(error_body("Sandbox.Timedout", message))
            self.process.kill()
            self.process.wait()
        log = self._log.take()
        meter.printed(log)
        self.current = None
        return log

    def close(self):
        self._waiting.put(None)
        self._api.shutdown()
        self._api.server_close()

    def _watch(self):
        status = self.process.wait()
        self._kind = "Runtime.OutOfMemory" if self._memory_limit.exceeded() else "Runtime.ExitError"
        self._memory_limit.close()
        self._initialized.set()
        with self._lock:
            self._ended = True
            self._reason = exit_text(status)
            self._fail()

    def _fail(self):
        if self.current and self._ready and not self.current.taken:
            self.current.give_back()  # an environment that has answered and then ended gets no other
        elif self.current:
            message = f"RequestId: {self.current.id} Error: {self._reason}"
            # Of a stream that breaks off Lambda says no more than that.
            broken = error_body("Runtime.TruncatedResponse", "") if self.current.streaming else None
            self.current.finish(self.init_error or broken or error_body(self._kind, message))
