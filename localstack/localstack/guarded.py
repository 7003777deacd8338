"""LocalStack behind the guard, and the keys that it has made.

LocalStack 4.14.0 takes any key and checks no signature. It calls itself over HTTP, in its own name or as an account: those
calls are signed with a secret that only this process knows.
"""

import datetime
import re
import secrets
from io import BytesIO

import meter
from guard import Guard, allows_pages, unknown_key
from limits import front
from limits.calls import call_of
from limits.cloudformation import as_answered
from refusals import answer
from signatures import Refused, Request, parse, text

INTERNAL_KEY = re.compile(r"__internal_call__|\d{12}")
TEMPLATE = "tenon.template"  # whether a request asks for a template
_internal_secret = secrets.token_urlsafe(30)


def own_internal_calls():
    """Before anything else of LocalStack is imported: its modules copy the constant."""
    from localstack import constants

    constants.INTERNAL_AWS_SECRET_ACCESS_KEY = _internal_secret


def secret_of(key_id, token):
    if INTERNAL_KEY.fullmatch(key_id):
        return _internal_secret
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    for account in list(sts_backends.values()):
        session = account["aws"].get_assumed_role_from_access_key(key_id)
        if session:
            return _secret_of_session(session, token)
    for account in list(iam_backends.values()):
        key = account["aws"].access_keys.get(key_id)
        if key and key.status == "Active" and not token:
            return key.secret_access_key
    raise unknown_key()


def _secret_of_session(session, token):
    if not secrets.compare_digest(session.session_token.encode(), token.encode()):
        raise unknown_key()
    if session.expiration < datetime.datetime.now(datetime.UTC).replace(tzinfo=None):
        raise Refused("expired", "The security token included in the request is expired")
    return session.secret_access_key


def request_of(request):
    environ = request.environ
    headers = [(name.decode("latin-1").lower(), text(value)) for name, value in environ["rolo.headers"]]
    return Request("GET" if request.method == "WEBSOCKET" else request.method, environ["RAW_URI"], headers)


def body_of(request):
    """The whole body; the stream that it was read from is replaced by one that gives it again."""
    body = request.environ["wsgi.input"].read()
    request.environ["wsgi.input"] = BytesIO(body)
    return body


def limit(stock, request, body):
    """AWS's refusal of what is above a limit, or None; all that was asked is counted. LocalStack's own calls are not AWS's."""
    if INTERNAL_KEY.fullmatch(parse(request).key_id):
        return None
    headers, path = {name: request.header(name) for name, _ in request.headers}, request.target.partition("?")[0]
    call = call_of(request.method, path, headers, body)
    stock.environ[TEMPLATE] = bool(call) and (call.service, call.action) == ("cloudformation", "GetTemplate")
    if call and call.service != "cloudformation":
        meter.meter.request(call.service, call.action or request.method)
    elif "/s3/aws4_request" in request.header("authorization"):
        removes = re.search(r"[?&]delete(?:[=&]|$)", request.target)
        meter.meter.s3("DELETE" if removes else request.method, is_list=request.method == "GET" and not path.lstrip("/").partition("/")[2])
        meter.meter.request("s3", request.method)
    return front.refusal_of(request.method, path, headers, body)


def end(chain, response, status, headers, body):
    response.status_code, response.data = status, body
    for name, value in headers.items():
        response.headers[name] = value
    chain.terminate()


def install(gateway, root):
    """Puts the guard before all that the gateway does, and takes from its answers what lets web pages in."""
    guard = Guard(root, secret_of, "/_localstack/health")

    def admit(chain, context, response):
        request, body = request_of(context.request), b""
        try:
            check_body = guard.admit(request)
            if check_body:
                body = body_of(context.request)
                check_body(body)
        except Refused as refused:
            status, headers, body = answer(request, refused)
            return end(chain, response, status, dict(headers), body)
        if request.target.partition("?")[0] == meter.PATH:
            return end(chain, response, *meter.serve(request.method))
        refusal = limit(context.request, request, body) if check_body else None
        return end(chain, response, *refusal) if refusal else None

    def give_ascii(_chain, context, response):
        if context.request.environ.get(TEMPLATE):
            response.data = as_answered(response.data)

    def close_to_pages(_chain, _context, response):
        for name in [name for name in response.headers.keys() if allows_pages(name)]:
            del response.headers[name]

    gateway.request_handlers.insert(0, admit)
    gateway.finalizers.extend((give_ascii, close_to_pages))
