"""What is served: requests to this machine that are signed with a key of the account.

An emulated Lambda runs code on this machine: who may write to the account may run code as the person who has started it.
Other users of the machine reach its ports, and so do web pages in a browser.

- The `Host` is this machine's: a page whose name was made to lead here (DNS rebinding) sends its own name.
- An `Origin` is the emulator's own: browsers name the page in it. No answer lets a page of another origin read it.
- The signature is right, for every service. Only the question whether the emulator is up needs none.
- What an emulator offers beside the services of AWS, such as a reset, needs the root's secret itself.
"""

import hmac
import os
import re
from typing import NamedTuple

from signatures import Refused, check, parse

# The port is not compared: a test may put a proxy before the emulator, and the signature covers the header anyway.
OWN_HOST = re.compile(r"((([a-z0-9-]+\.)*localhost)|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
KEY_ID, SECRET = "TENON_EMULATOR_KEY_ID", "TENON_EMULATOR_SECRET"


class Key(NamedTuple):
    id: str
    secret: str


def root_key():
    """The root's key, from the environment and out of it, so that nothing that the emulator starts has it."""
    return Key(os.environ.pop(KEY_ID), os.environ.pop(SECRET))


def unknown_key():
    return Refused("unknown", "The security token included in the request is invalid.")


def allows_pages(header):
    """Whether the name of an answer's header is one by which a server lets pages of other origins in."""
    return header.lower().startswith("access-control-")


class Guard:
    """`secret_of(key id, session token)` gives the secret of a key that the account has made, or raises `Refused`.

    `health` is the path that is open to everyone on this machine.
    """

    def __init__(self, root, secret_of, health):
        self._root, self._secret_of, self._health = root, secret_of, health

    def admit(self, request):
        """What is known before the body: a function that checks the body, or None where nothing is to be signed.

        Raises `Refused`, and so does that function.
        """
        _check_source(request)
        path = request.target.partition("?")[0]
        if path == self._health and request.method in ("GET", "HEAD"):
            return None
        if path.startswith("/_") and self._is_root(request):
            return None
        signature = parse(request)
        secret = self._secret(signature)
        return lambda body: check(request, signature, secret, body)

    def _is_root(self, request):
        return hmac.compare_digest(request.header("authorization").encode(), f"Bearer {self._root.secret}".encode())

    def _secret(self, signature):
        if signature.key_id != self._root.id:
            return self._secret_of(signature.key_id, signature.token)
        if signature.token:
            raise unknown_key()
        return self._root.secret


def _check_source(request):
    hosts, origins = request.values("host"), request.values("origin")
    if len(hosts) != 1 or not OWN_HOST.fullmatch(hosts[0]) or not request.target.startswith("/"):
        raise Refused("foreign", "The Host of this request is not this machine. Use the endpoint that the emulator has printed.")
    if any(origin != f"http://{hosts[0]}" for origin in origins):
        raise Refused("foreign", "This request comes from a web page of another origin.")
