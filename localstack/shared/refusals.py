"""The answer to a request that is refused, in the shape that its service's protocol has for errors."""

import json
import re
from xml.sax.saxutils import escape

# Problem -> its code where requests are JSON, forms, and S3's.
CODES = {
    "foreign": ("AccessDeniedException", "AccessDenied", "AccessDenied"),
    "missing": ("MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"),
    "incomplete": ("IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed"),
    "unknown": ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
    "expired": ("ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
    "skewed": ("InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"),
    "mismatch": ("InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
}
JSON, FORM, S3 = range(3)
STATUS = 403


def answer(request, refused):
    """Status, headers and body."""
    protocol = _protocol_of(request)
    code, message = CODES[refused.problem][protocol], str(refused)
    if protocol == JSON:
        kind, body = "application/x-amz-json-1.0", json.dumps({"__type": code, "message": message})
    else:
        kind, body = "text/xml", f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        if protocol == FORM:
            body = f"<ErrorResponse>{body.replace('<Error>', '<Error><Type>Sender</Type>')}<RequestId>refused</RequestId></ErrorResponse>"
    headers = [("Content-Type", kind), ("x-amzn-errortype", code), ("Content-Length", str(len(body.encode())))]
    return STATUS, headers, b"" if request.method == "HEAD" else body.encode()


def _protocol_of(request):
    """As far as a request tells that may name no service: paths that begin with a version are Lambda's and its like."""
    credential = re.search(r"/([a-z0-9-]+)/aws4_request", f"{request.header('authorization')} {request.target}".replace("%2F", "/"))
    if credential and credential[1] == "s3":
        return S3
    if "x-www-form-urlencoded" in request.header("content-type") or re.search(r"[?&]Action=", request.target):
        return FORM
    return JSON if credential or request.header("x-amz-target") or re.match(r"/\d{4}-\d\d-\d\d/", request.target) else S3
