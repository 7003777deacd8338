"""DynamoDB Local in this process's JVM, on loopback: its own command listens on every interface.

Arguments: the folder of its jars, and the port. Standard output gets one line once connections are accepted; standard
input is the parent's hand.
"""

import glob
import os
import sys

import jpype

HEAP = "256m"


def start(jars, port):
    jpype.startJVM(f"-Xmx{HEAP}", "-Xrs", f"-Djava.library.path={jars}", classpath=glob.glob(os.path.join(jars, "*.jar")))
    runner = jpype.JClass("software.amazon.dynamodb.services.local.main.ServerRunner")
    proxy = runner.createServerFromCommandLineArgs(["-inMemory", "-disableTelemetry", "-port", port])
    # The command has no option for the address.
    field = proxy.getClass().getDeclaredField("server")
    field.setAccessible(True)
    (connector,) = field.get(proxy).getConnectors()
    connector.setHost("127.0.0.1")
    proxy.start()


def main():
    output = os.dup(1)
    os.dup2(2, 1)  # it prints what it is configured with
    start(*sys.argv[1:])
    os.write(output, b"ready\n")
    os.close(output)
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
