"""DynamoDB Local in this process's JVM, for LocalStack alone: its own command listens on every interface, and takes any key.

Arguments: the folder of its jars, and the port. The environment has the secret that each request must carry. Standard
output gets one line once connections are accepted; standard input is held open by the parent.
"""

import glob
import hmac
import os
import sys

HEAP = "256m"
HEADER = "tenon-dynamodb-secret"
SECRET = "TENON_DYNAMODB_SECRET"


def only_with(secret):
    """Refuses, before its handler sees it, a request without the secret."""
    import jpype

    refused = jpype.JClass("org.eclipse.jetty.http.BadMessageException")

    @jpype.JImplements("org.eclipse.jetty.server.HttpConfiguration$Customizer")
    class OnlyWithSecret:
        @jpype.JOverride
        def customize(self, request, _response_headers):
            if not hmac.compare_digest(str(request.getHeaders().get(HEADER) or "").encode(), secret):
                raise refused(403, "Only LocalStack is served.")
            return request

    return OnlyWithSecret()


def start(jars, port, secret):
    import jpype  # here, as LocalStack imports the names above

    jpype.startJVM(f"-Xmx{HEAP}", "-Xrs", f"-Djava.library.path={jars}", classpath=glob.glob(os.path.join(jars, "*.jar")))
    runner = jpype.JClass("software.amazon.dynamodb.services.local.main.ServerRunner")
    proxy = runner.createServerFromCommandLineArgs(["-inMemory", "-disableTelemetry", "-port", port])
    # The command has no option for the address, nor for who is served.
    field = proxy.getClass().getDeclaredField("server")
    field.setAccessible(True)
    (connector,) = field.get(proxy).getConnectors()
    connector.setHost("127.0.0.1")
    connector.getConnectionFactory("HTTP/1.1").getHttpConfiguration().addCustomizer(only_with(secret))
    proxy.start()


def main():
    output = os.dup(1)
    os.dup2(2, 1)  # it prints what it is configured with
    start(*sys.argv[1:], os.environ.pop(SECRET).encode())
    os.write(output, b"ready\n")
    os.close(output)
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
