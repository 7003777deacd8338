"""InvokeWithResponseStream, which LocalStack 4.14.0 does not have: chunks leave as the handler writes them."""

import io
import json
import queue
import struct
import threading
import zlib

from localstack.aws.api import handler
from localstack.http import Response
from localstack.services.lambda_.provider import LambdaProvider

from process_executor import chunk_sinks


def encode(headers, payload):
    """A message of an AWS event stream, its headers all text."""
    lines = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode() for name, value in headers.items()
    )
    prelude = struct.pack(">II", len(lines) + len(payload) + 16, len(lines))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + lines + payload
    return message + struct.pack(">I", zlib.crc32(message))


def event(kind, payload, content_type):
    return encode({":message-type": "event", ":event-type": kind, ":content-type": content_type}, payload)


def chunk(payload):
    return event("PayloadChunk", payload, "application/octet-stream")


def complete(failure):
    """The last event: it carries the error of a handler that failed, before or in the middle of its stream."""
    details = {}
    if failure is not None:
        details = {"ErrorCode": json.loads(failure or b"{}").get("errorType", "Unhandled"), "ErrorDetails": failure.decode()}
    return event("InvokeComplete", json.dumps(details).encode(), "application/json")


def messages(first, rest):
    """The events of an invocation: `first` and what follows are chunks, and its answer after the last."""
    part, streamed = first, False
    while isinstance(part, bytes):
        streamed = True
        yield chunk(part)
        part = rest()
    if isinstance(part, Exception):
        yield complete(json.dumps({"errorType": type(part).__name__, "errorMessage": str(part)}).encode())
        return
    answer, failed = part.get("Payload") or b"", part.get("FunctionError")
    answer = answer if isinstance(answer, bytes) else b"".join(answer)
    if answer and not streamed and not failed:
        yield chunk(answer)  # the handler does not stream: its whole answer is one chunk
    yield complete(answer if failed else None)


@handler("InvokeWithResponseStream")
def invoke_with_response_stream(
    self,
    context,
    function_name,
    invocation_type=None,
    log_type=None,
    client_context=None,
    qualifier=None,
    payload=None,
    tenant_id=None,
    **kwargs,
):
    body = payload.read() if payload else b""
    parts = queue.Queue()
    chunk_sinks[context.request_id] = parts.put

    def run():
        try:
            parts.put(self.invoke(context, function_name, payload=io.BytesIO(body), qualifier=qualifier))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            parts.put(error)
        finally:
            del chunk_sinks[context.request_id]

    threading.Thread(target=run, daemon=True).start()
    first = parts.get()
    if isinstance(first, Exception):
        raise first
    headers = {"Content-Type": "application/vnd.amazon.eventstream", "X-Amz-Executed-Version": qualifier or "$LATEST"}
    return Response(messages(first, parts.get), 200, headers)


def install():
    LambdaProvider.invoke_with_response_stream = invoke_with_response_stream
