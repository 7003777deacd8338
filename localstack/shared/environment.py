"""An execution environment of Lambda: a process of AWS's own runtime client (npm aws-lambda-ric) and its Runtime API."""

import collections
import os
import queue
import select
import signal
import subprocess
import threading

from runtime_api import RuntimeApi, error_body

MAX_LOG = 1 << 20
SHIM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime-shim.cjs")
STARTS_AT_ONCE = os.cpu_count() or 2
INIT_SECONDS = 10  # Lambda's limit of the init phase


def few_starts():
    """For each function, how many of its environments may start at once.

    A call that waits for one to start takes one that has become free meanwhile, as on AWS. Without this a burst would be
    as many processes on a few cores.
    """
    return collections.defaultdict(lambda: threading.Semaphore(STARTS_AT_ONCE))


def runtime_command(node, ric, memory, handler):
    """What runs a function for Node. The limit is of the heap; the process needs some memory beside it."""
    return [node, f"--max-old-space-size={max(64, int(memory) - 32)}", "--require", SHIM, ric, handler]


class ProcessGroup(subprocess.Popen):
    """A process whose signals reach all that it has started."""

    def __init__(self, args, **options):
        super().__init__(args, start_new_session=True, **options)

    def send_signal(self, number):
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass


def signal_text(number):
    """As Lambda writes it, which is how Go does: "killed", "virtual timer expired"."""
    return (signal.strsignal(number) or str(number)).split(":")[0].lower()


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
    """A running process and its Runtime API; it serves one invocation at a time until one of them ends it."""

    def __init__(self, command, folder, env):
        self.current, self.init_error, self._ready = None, None, False
        self._waiting, self._lock, self._ended = queue.Queue(), threading.Lock(), False
        self._initialized = threading.Event()
        self._api = RuntimeApi(self)
        # In plain JavaScript: the client's native part is not built.
        client = {
            "AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1": "true",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
            "TENON_RUNTIME_SECRET": self._api.secret,
        }
        self.process = ProcessGroup(
            command, cwd=folder, env={**env, **client}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._log = LogPipe(self.process.stdout)
        threading.Thread(target=self._watch, daemon=True).start()

    def wait_until_initialized(self):
        """Until the process asks for its first event, or has ended."""
        self._initialized.wait(INIT_SECONDS)

    def next(self):
        self._ready = True
        self._initialized.set()
        invocation = self._waiting.get()
        if invocation is not None:
            invocation.start()
        return invocation

    def run(self, invocation):
        """Waits for the result; returns what was printed meanwhile. An invocation that is `returned` is for another one."""
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
        self._initialized.set()
        with self._lock:
            self._ended = True
            self._status = f"signal: {signal_text(-status)}" if status < 0 else f"exit status {status}"
            self._fail()

    def _fail(self):
        if self.current and self._ready and not self.current.taken:
            self.current.give_back()  # an environment that has answered and then ended gets no other
        elif self.current:
            message = f"RequestId: {self.current.id} Error: Runtime exited with error: {self._status}"
            self.current.finish(self.init_error or error_body("Runtime.ExitError", message))
