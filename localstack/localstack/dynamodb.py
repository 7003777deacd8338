"""DynamoDB Local for LocalStack: that of the installation, where the stock one would be downloaded.

It serves only requests with a secret that LocalStack puts into those that it passes on.
"""

import os
import secrets
import subprocess
import sys

from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.dynamodb.v2.provider import DynamoDBProvider
from localstack.utils.threads import FuncThread

from dynamodb_local import HEADER
from dynamodb_local import SECRET as SECRET_VARIABLE

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
            env={**os.environ, "JAVA_HOME": java, "PYTHONPATH": os.pathsep.join(sys.path), SECRET_VARIABLE: _secret},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        _servers.append(self)
        if not self.process.stdout.readline():
            raise RuntimeError(f"DynamoDB Local ended with {self.process.wait()}")
        super().__init__(lambda _: self.process.wait(), name="dynamodb-local", on_stop=lambda _: self.process.stdin.close())


def pass_on_with_secret():
    stock = DynamoDBProvider.prepare_request_headers

    def prepare_request_headers(headers, account_id, region_name):
        stock(headers, account_id, region_name)
        headers[HEADER] = _secret

    DynamoDBProvider.prepare_request_headers = staticmethod(prepare_request_headers)


def install(java, jars):
    def do_start_thread(self):
        thread = DynamoDbLocal(java, jars, self.port)
        thread.start()
        return thread

    DynamodbServer.do_start_thread = do_start_thread
    # It would ask without the secret; what has said that it is ready is.
    DynamodbServer.wait_for_dynamodb = lambda self: self.wait_is_up()
    pass_on_with_secret()
