"""Signature Version 4 of a request, in its headers or its query; the canonical form is botocore's."""

import hashlib
import hmac
import re
import time
from calendar import timegm
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_SKEW_SECONDS = 15 * 60
MAX_EXPIRES_SECONDS = 7 * 24 * 3600
# What S3 takes in place of the hash of a body. No other service that Tenon uses takes any.
UNSIGNED_BODIES = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
CHUNKED_BODIES = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
# In a query they name a key; beside a signed header they would name a second one.
QUERY_CREDENTIALS = ("x-amz-algorithm", "x-amz-credential", "x-amz-signature", "awsaccesskeyid")


class Refused(Exception):
    """Why a request is not served: `problem` is a row of `refusals.CODES`."""

    def __init__(self, problem, message):
        super().__init__(message)
        self.problem = problem


class Request(NamedTuple):
    """A request as it was sent: `target` is its path and query, the names of its headers are in lower case."""

    method: str
    target: str
    headers: list

    def values(self, name):
        return [value for each, value in self.headers if each == name]

    def header(self, name):
        return ",".join(self.values(name))


@dataclass(frozen=True)
class Signature:
    """What a request says of its signature."""

    key_id: str
    date: str
    region: str
    service: str
    headers: tuple
    value: str
    timestamp: str
    token: str
    query: bool


def mismatch():
    return Refused(
        "mismatch",
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method.",
    )


def text(raw):
    """A header's bytes as text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def parse(request):
    """The signature of a request. Raises `Refused` when there is none, more than one, or an incomplete one."""
    query = request.target.partition("?")[2]
    names = [name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)]
    in_query = any(name in QUERY_CREDENTIALS for name in names)
    authorizations = request.values("authorization")
    if not authorizations and not in_query:
        raise Refused("missing", "Request is missing Authentication Token")
    if len(authorizations) + in_query > 1:
        raise Refused("incomplete", "Only one way of signing a request is allowed.")
    signature = _of_query(query) if in_query else _of_header(request, authorizations[0])
    if "host" not in signature.headers:
        raise Refused("incomplete", "'Host' must be a 'SignedHeader'.")
    return signature


def check(request, signature, secret, body):
    """Raises `Refused` unless the signature is that of this request and body, made with this secret, lately."""
    _check_time(request, signature)
    payload = _payload(request, signature, body)
    signer, signed = _signer(request, signature, secret, payload)
    expected = signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed)
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise mismatch()
    if payload in CHUNKED_BODIES:
        _check_chunks(body, expected, lambda string: signer.signature(string, signed), signer.credential_scope(signed), signed)


def _of_header(request, authorization):
    algorithm, _, rest = authorization.partition(" ")
    pairs = [part.strip().partition("=") for part in rest.split(",")]
    fields = {name: value for name, _, value in pairs}
    if algorithm != ALGORITHM or len(pairs) != 3 or set(fields) != {"Credential", "SignedHeaders", "Signature"}:
        raise Refused("incomplete", f"Authorization header requires '{ALGORITHM}' with 'Credential', 'SignedHeaders' and 'Signature'.")
    return _signature(
        fields["Credential"],
        fields["SignedHeaders"],
        fields["Signature"],
        request.header("x-amz-date"),
        request.header("x-amz-security-token"),
        query=False,
    )


def _of_query(query):
    pairs = parse_qsl(query, keep_blank_values=True)
    fields = {name.lower(): value for name, value in pairs}
    if len(fields) != len(pairs) or fields.get("x-amz-algorithm") != ALGORITHM:
        raise Refused("incomplete", f"AWS query-string parameters must include '{ALGORITHM}', each parameter once.")
    return _signature(
        fields.get("x-amz-credential", ""),
        fields.get("x-amz-signedheaders", ""),
        fields.get("x-amz-signature", ""),
        fields.get("x-amz-date", ""),
        fields.get("x-amz-security-token", ""),
        query=True,
    )


def _signature(credential, headers, value, timestamp, token, query):
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or not re.fullmatch(r"\d{8}T\d{6}Z", timestamp) or not timestamp.startswith(scope[1]):
        raise Refused("incomplete", "Credential must be keyid/date/region/service/aws4_request, with the date of 'X-Amz-Date'.")
    return Signature(*scope[:4], tuple(headers.lower().split(";")), value, timestamp, token, query)


def _check_time(request, signature):
    try:
        signed_at, now = timegm(time.strptime(signature.timestamp, "%Y%m%dT%H%M%SZ")), time.time()
    except ValueError:
        raise Refused("incomplete", f"'X-Amz-Date' is no time: {signature.timestamp}") from None
    lasts = MAX_SKEW_SECONDS
    if signature.query:
        expires = dict(parse_qsl(request.target.partition("?")[2])).get("X-Amz-Expires", "")
        if not re.fullmatch(r"[0-9]{1,6}", expires) or not 1 <= int(expires) <= MAX_EXPIRES_SECONDS:
            raise Refused("incomplete", f"'X-Amz-Expires' must be 1 to {MAX_EXPIRES_SECONDS} seconds.")
        lasts = int(expires)
    if not signed_at - MAX_SKEW_SECONDS <= now <= signed_at + lasts:
        raise Refused("skewed", f"Signature expired or not yet current: {signature.timestamp}")


def _payload(request, signature, body):
    """What stands for the body in the signature; only S3 takes what is no hash of it."""
    if signature.service == "s3":
        claimed = "UNSIGNED-PAYLOAD" if signature.query else request.header("x-amz-content-sha256")
        if claimed in UNSIGNED_BODIES or claimed in CHUNKED_BODIES:
            return claimed
    return hashlib.sha256(body).hexdigest()


class _OnlySigned:
    """Botocore would sign all headers; what counts here are those that the client has signed."""

    def headers_to_sign(self, request):
        return request.context["signed headers"]


class _Signer(_OnlySigned, SigV4Auth):
    pass


class _S3Signer(_OnlySigned, S3SigV4Auth):
    pass


def _signer(request, signature, secret, payload):
    """Botocore's signer, and the request in its terms."""
    headers = HTTPHeaders()
    for name in signature.headers:
        for value in request.values(name):
            headers[name] = value
    path, _, query = request.target.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.lower().startswith("x-amz-signature="))
    signed = AWSRequest(request.method, f"http://host{path}?{kept}", {"X-Amz-Content-SHA256": payload})
    signed.context.update({"timestamp": signature.timestamp, "signed headers": headers})
    kind = _S3Signer if signature.service == "s3" else _Signer
    return kind(_Credentials(signature.key_id, secret, None), signature.service, signature.region), signed


class _Credentials(NamedTuple):
    access_key: str
    secret_key: str
    token: str


def _check_chunks(body, seed, sign, scope, signed):
    """Each chunk's signature covers the one before it, and the last that of the trailer, when there is one."""
    timestamp, previous, rest, size = signed.context["timestamp"], seed, body, -1
    while size != 0:
        head, _, rest = rest.partition(b"\r\n")
        found = re.fullmatch(rb"([0-9a-f]{1,8});chunk-signature=([0-9a-f]{64})", head)
        if not found:
            raise mismatch()
        size = int(found[1], 16)
        hashes = f"{hashlib.sha256(b'').hexdigest()}\n{hashlib.sha256(rest[:size]).hexdigest()}"
        previous = _match(sign(f"{ALGORITHM}-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{hashes}"), found[2])
        rest = rest[size:].removeprefix(b"\r\n") if size else rest
    if signed.headers["X-Amz-Content-SHA256"].endswith("-TRAILER"):
        trailers, _, last = rest.rstrip(b"\r\n").rpartition(b"x-amz-trailer-signature:")
        trailer = hashlib.sha256(trailers.replace(b"\r\n", b"\n")).hexdigest()
        _match(sign(f"{ALGORITHM}-TRAILER\n{timestamp}\n{scope}\n{previous}\n{trailer}"), last)


def _match(expected, given):
    if not hmac.compare_digest(expected.encode(), given):
        raise mismatch()
    return expected
