"""The Runtime API of Lambda (2018-06-01), as far as the Node client uses it; and what passes through it."""

import base64
import hmac
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_RESPONSE = 6_291_556  # bytes of a buffered response; Lambda's own message names the number


def error_body(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


class Invocation:
    """One event on its way through one environment. `sink` gets each chunk of a stream as it is written."""

    def __init__(self, request_id, event, timeout, arn, trace, sink=None):
        self.id, self.event, self.timeout, self.arn, self.trace, self.sink = request_id, event, timeout, arn, trace, sink
        self.started, self.done = threading.Event(), threading.Event()
        self.taken, self.returned = False, False
        self.deadline = 0.0
        self.ok, self.streamed, self.body = False, False, b""
        self.answer, self.asked, self.streaming = None, False, False

    def start(self):
        self.taken = True
        self.deadline = self.deadline or time.time() + self.timeout  # loading the code is not the handler's time
        self.started.set()

    def give_back(self):
        """Its environment ended before it asked for it."""
        self.returned = True
        self.started.set()
        self.done.set()

    def give_again(self):
        self.returned, self.deadline = False, 0.0
        self.started.clear()
        self.done.clear()

    def settle(self, answer=None, asked=False):
        """Lambda takes an answer for one when its process has asked for the next invocation as well: the client asks first."""
        self.answer, self.asked = answer or self.answer, asked or self.asked
        if self.answer and self.asked:
            self.finish(**self.answer)

    def finish(self, body, ok=False, streamed=False):
        """The first result counts."""
        if self.done.is_set():
            return
        if ok and not streamed and len(body) > MAX_RESPONSE:
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
            body, ok = error_body("Function.ResponseSizeTooLarge", message), False
        self.body, self.ok, self.streamed = body, ok, streamed
        self.started.set()
        self.done.set()


class RuntimeApi(ThreadingHTTPServer):
    """Serves one environment: its `next()`, its `current` invocation, its `init_error`.

    Only its process knows the secret: others on this machine would take its events and answer them.
    """

    daemon_threads = True

    def __init__(self, environment):
        self.secret = secrets.token_urlsafe(24)
        super().__init__(("127.0.0.1", 0), _Handler)
        self.environment = environment
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
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
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):  # nothing: its process has ended
            yield self.rfile.read(size)
            self.rfile.readline()
        while line := self.rfile.readline().strip():
            name, value = line.decode().split(":", 1)
            trailers[name.lower()] = value.strip()

    def _is_refused(self):
        given = self.headers.get("Tenon-Runtime-Secret", "")
        if hmac.compare_digest(given.encode(), self.server.secret.encode()):
            return False
        self.close_connection = True
        self._answer(403, error_body("AccessDenied", "Only the function's own process is served."))
        return True

    def do_GET(self):
        if self._is_refused():
            return
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
        self._answer(200, invocation.event, headers)

    def do_POST(self):
        if self._is_refused():
            return
        environment = self.server.environment
        invocation = environment.current
        streamed = self.headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming"
        ours = bool(invocation) and f"/{invocation.id}/" in self.path
        trailers, parts = {}, []
        if ours:
            invocation.streaming = streamed
        for part in self._chunks(trailers):
            if streamed and ours and invocation.sink and part:
                invocation.sink(part)
            parts.append(part)
        body = b"".join(parts)
        if self.path.endswith("/init/error"):
            environment.init_error = body  # the process leaves next
        elif ours:
            invocation.streaming = False
            if "lambda-runtime-function-error-type" in trailers:
                details = base64.b64decode(trailers.get("lambda-runtime-function-error-body", ""))
                invocation.settle({"body": details or error_body(trailers["lambda-runtime-function-error-type"], "")})
            else:
                invocation.settle({"body": body, "ok": self.path.endswith("/response"), "streamed": streamed})
        self._answer(202, b'{"status":"OK"}')
