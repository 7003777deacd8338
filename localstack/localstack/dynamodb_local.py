"""DynamoDB Local in this process's JVM, for LocalStack alone: its own command listens on every interface, and takes any key.

Arguments: the folder of its jars, and the port. The environment has the secret that is the path of each request. Standard
output gets one line once connections are accepted; standard input is held open by the parent.
"""

import glob
import os
import sys

HEAP = "256m"
SECRET = "TENON_DYNAMODB_SECRET"


def start(jars, port, secret):
    import jpype  # here, as LocalStack imports the name above

    jpype.startJVM(f"-Xmx{HEAP}", "-Xrs", f"-Djava.library.path={jars}", classpath=glob.glob(os.path.join(jars, "*.jar")))
    runner = jpype.JClass("software.amazon.dynamodb.services.local.main.ServerRunner")
    proxy = runner.createServerFromCommandLineArgs(["-inMemory", "-disableTelemetry", "-port", port])
    # The command has no option for the address, nor for who is served.
    field = proxy.getClass().getDeclaredField("server")
    field.setAccessible(True)
    server = field.get(proxy)
    (connector,) = server.getConnectors()
    connector.setHost("127.0.0.1")
    reject = jpype.JClass("org.eclipse.jetty.server.handler.ConditionalHandler$Reject")(server.getHandler(), 403)
    reject.excludePath(f"/{secret}/")
    server.setHandler(reject)
    proxy.start()


def main():
    output = os.dup(1)
    os.dup2(2, 1)  # it prints what it is configured with
    start(*sys.argv[1:], os.environ.pop(SECRET))
    os.write(output, b"ready\n")
    os.close(output)
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
