"""DynamoDB Local for LocalStack: that of the installation, where the stock one would be downloaded.

It serves only requests whose path is a secret: LocalStack passes its own on to that path.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import threading

from localstack.aws.forwarder import AwsRequestProxy
from localstack.services.dynamodb.server import DynamodbServer
from localstack.utils.threads import FuncThread

from dynamodb_local import SECRET

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dynamodb_local.py")
_secret = secrets.token_urlsafe(24)
_servers = []


def end_all():
    for server in _servers:
        server.process.kill()
        server.process.wait()


class DynamoDbLocal(FuncThread):
    """The thread that LocalStack stops and joins; it lasts as long as the process."""

    def __init__(self, java, jars, port):
        self.process = subprocess.Popen(
            [sys.executable, "-B", SCRIPT, jars, str(port)],
            env={**os.environ, "JAVA_HOME": java, "PYTHONPATH": os.pathsep.join(sys.path), SECRET: _secret},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        _servers.append(self)
        if not self.process.stdout.readline():
            raise RuntimeError(f"DynamoDB Local ended with {self.process.wait()}")
        super().__init__(lambda _: self.process.wait(), name="dynamodb-local", on_stop=lambda _: self.process.stdin.close())


class AtomicDeletes(AwsRequestProxy):
    """Passes on one DeleteItem at a time: DynamoDB Local gives an item that many delete at once to several of them."""

    _deleting = threading.Lock()

    def __call__(self, context, service_request=None):
        with self._deleting if context.operation.name == "DeleteItem" else contextlib.nullcontext():
            return super().__call__(context, service_request)


def install(java, jars):
    def do_start_thread(self):
        thread = DynamoDbLocal(java, jars, self.port)
        self.proxy = AtomicDeletes(f"{self.url}/{_secret}")
        thread.start()
        return thread

    DynamodbServer.do_start_thread = do_start_thread
    # It would ask without the secret; what has said that it is ready is.
    DynamodbServer.wait_for_dynamodb = lambda self: self.wait_is_up()
