"""What LocalStack finds by the entry points of this folder's dist-info."""

import socket

from plux import Plugin

_listener = _root = None


def listen_on(listener, root):
    """`root` is the root's key."""
    global _listener, _root
    _listener, _root = listener, root


class ProcessExecutorPlugin(Plugin):
    namespace = "localstack.lambda.runtime_executor"
    name = "process"

    def load(self, *_, **__):
        from process_executor import ProcessExecutor

        return ProcessExecutor


class ListenerServerPlugin(Plugin):
    """LocalStack's own server, behind the guard, on a socket that is bound already: the stock one listens on every interface."""

    namespace = "localstack.runtime.server"
    name = "listener"

    def load(self, *_, **__):
        from localstack.runtime.server.twisted import TwistedRuntimeServer
        from rolo.serving.twisted import TwistedGateway
        from twisted.internet import endpoints, reactor

        import guarded

        class ListenerServer(TwistedRuntimeServer):
            def register(self, gateway, listen, ssl_creds=None):
                guarded.install(gateway, _root)
                # Without TLS: no client would trust the certificate.
                endpoint = endpoints.AdoptedStreamServerEndpoint(reactor, _listener.detach(), socket.AF_INET)
                endpoint.listen(TwistedGateway(gateway))

        return ListenerServer()
