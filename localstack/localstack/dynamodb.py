"""DynamoDB Local for LocalStack: that of the installation, where the stock one would be downloaded."""

import os
import subprocess
import sys

from localstack.services.dynamodb.server import DynamodbServer
from localstack.utils.threads import FuncThread

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dynamodb_local.py")
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
            env={**os.environ, "JAVA_HOME": java, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        _servers.append(self)
        if not self.process.stdout.readline():
            raise RuntimeError(f"DynamoDB Local ended with {self.process.wait()}")
        super().__init__(lambda _: self.process.wait(), name="dynamodb-local", on_stop=lambda _: self.process.stdin.close())


def install(java, jars):
    def do_start_thread(self):
        thread = DynamoDbLocal(java, jars, self.port)
        thread.start()
        return thread

    DynamodbServer.do_start_thread = do_start_thread
