"""MiniStack behind the guard, and the keys that it has made.

MiniStack 1.5.33 checks signatures itself, with three gaps. It checks none of its root, whose key may also be `test` or the
number of an account. It trusts the hash that a request gives for its body. The key of a Lambda can be computed from the
names of the function and its role.
"""

import os

from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import _account_from_sts_session
from ministack.services import iam, sts

import meter
from guard import Guard, allows_pages, unknown_key
from refusals import answer
from signatures import Refused, Request, text

ACCOUNT = "000000000000"


def secret_of(key_id, token):
    if iam_evaluator.is_root_access_key(key_id):
        raise unknown_key()
    account = _account_from_sts_session(key_id) or iam_evaluator.find_iam_access_key_account(key_id) or ACCOUNT
    found = iam_evaluator.resolve_credential(key_id, account, token)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        raise Refused("expired", found.message) if "Expired" in found.code else unknown_key()
    return found.secret_access_key


def execution_credentials(config):
    """A key for each environment of a function, of its role."""
    account, _ = lambda_runtime._account_region_from_function_config(config)
    role, name = config.get("Role", "").rsplit("/", 1)[-1], config["FunctionName"]
    key_id, secret, token = iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token()
    session = {"UserId": f"{role}:{name}", "SecretAccessKey": secret, "SessionToken": token}
    sts.register_session(key_id, {"Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}", **session})
    return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}


def request_of(scope):
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    headers = [(name.decode("latin-1").lower(), text(value)) for name, value in scope["headers"]]
    return Request(scope.get("method", "GET"), target.decode("latin-1"), headers)


async def body_of(receive):
    """The whole body, and a `receive` that gives it again."""
    messages, more = [], True
    while more:
        messages.append(await receive())
        more = messages[-1].get("more_body", False)

    async def again():
        return messages.pop(0) if messages else await receive()

    return b"".join(message.get("body", b"") for message in messages), again


async def refuse(request, refused, scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.close", "code": 1008})
    status, headers, body = answer(request, refused)
    await respond(status, dict(headers), body, send)


async def respond(status, headers, body, send):
    headers = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def guarded(app, root):
    """MiniStack's ASGI application for those who are served."""
    guard = Guard(root, secret_of, "/_ministack/health")

    async def guarded_app(scope, receive, send):
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        request = request_of(scope)
        try:
            check_body = guard.admit(request)
            if check_body and scope["type"] == "http":
                body, receive = await body_of(receive)
                check_body(body)
            elif check_body:
                check_body(b"")
        except Refused as refused:
            return await refuse(request, refused, scope, receive, send)
        if request.target.partition("?")[0] == meter.PATH and scope["type"] == "http":
            return await respond(*meter.serve(request.method), send)

        async def send_to_client(message):
            if "headers" in message:
                kept = [(name, value) for name, value in message["headers"] if not allows_pages(name.decode("latin-1"))]
                message = {**message, "headers": kept}
            await send(message)

        await app(scope, receive, send_to_client)

    return guarded_app


def install(root):
    # MiniStack asks its environment who the root is.
    os.environ.update(AWS_ACCESS_KEY_ID=root.id, AWS_SECRET_ACCESS_KEY=root.secret)
    lambda_runtime.execution_credentials = execution_credentials
