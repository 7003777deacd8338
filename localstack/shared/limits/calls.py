"""A request to a service of AWS as the limits see it, and the refusals that they answer with."""

import json
import re
from typing import NamedTuple
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

# What a service's X-Amz-Target begins with.
TARGETS = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "AmazonSSM": "ssm"}
LAMBDA = re.compile(r"/\d{4}-\d\d-\d\d/functions(?:/([^/?]+)(/[^?]+)?)?")
LAMBDA_ACTIONS = {
    ("POST", "/invocations"): "Invoke",
    ("POST", "/response-streaming-invocations"): "InvokeWithResponseStream",
    ("PUT", "/configuration"): "UpdateFunctionConfiguration",
    ("POST", None): "CreateFunction",
}


class Call(NamedTuple):
    service: str
    action: str
    headers: dict
    body: bytes
    data: dict


class Refusal(Exception):
    """What AWS answers instead; `more` is further members of the error."""

    def __init__(self, code, message, status=400, **more):
        super().__init__(message)
        self.code, self.status, self.more = code, status, more


def call_of(method, path, headers, body):
    """The request as a call, or None: not one of a service that has limits here. Names of headers are in lower case."""
    service, _, action = headers.get("x-amz-target", "").partition(".")
    if service in TARGETS:
        return Call(TARGETS[service], action, headers, body, _json(body))
    found = LAMBDA.match(path)
    if found:
        action = LAMBDA_ACTIONS.get((method, (found[2] or "").rstrip("/") or None), "")
        return Call("lambda", action, headers, body, _json(body) if not action.startswith("Invoke") else {})
    if "x-www-form-urlencoded" in headers.get("content-type", "") and b"Version=2010-05-15" in body:
        form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace"), keep_blank_values=True).items()}
        return Call("cloudformation", form.get("Action", ""), headers, body, form)
    return None


def answer(call, refusal):
    """Status, headers and body, in the protocol of the call."""
    if call.service == "cloudformation":
        body = f"<Error><Type>Sender</Type><Code>{refusal.code}</Code><Message>{escape(str(refusal))}</Message></Error>"
        return refusal.status, {"Content-Type": "text/xml"}, f"<ErrorResponse>{body}</ErrorResponse>".encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": refusal.code}
    if call.service == "sqs":
        headers["x-amzn-query-error"] = f"{refusal.code};Sender"
    body = {"__type": refusal.code, "message": str(refusal), **refusal.more}
    if call.service == "lambda":
        headers["Content-Type"] = "application/json"
        body = {"Type": "User", "message": str(refusal), "Message": str(refusal), **refusal.more}
    return refusal.status, headers, json.dumps(body).encode()


def _json(body):
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
