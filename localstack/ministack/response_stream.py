"""InvokeWithResponseStream of Node functions in MiniStack: chunks leave as the handler writes them."""

import asyncio
import json

from ministack.core.responses import StreamingResponse
from ministack.services import lambda_svc

from node_worker import chunk_sink, is_node

HEADERS = {
    "Content-Type": "application/vnd.amazon.eventstream",
    "X-Amz-Executed-Version": "$LATEST",
    "X-Amzn-Lambda-Response-Streamed": "true",
}


class Relay:
    """Runs a buffered invocation as a task; its chunks arrive on a queue, and None after the last."""

    def __init__(self, coroutine):
        loop = asyncio.get_running_loop()
        self._queue = asyncio.Queue()
        token = chunk_sink.set(lambda chunk: loop.call_soon_threadsafe(self._queue.put_nowait, chunk))
        self.task = loop.create_task(coroutine)
        chunk_sink.reset(token)
        self.task.add_done_callback(lambda _: loop.call_soon_threadsafe(self._queue.put_nowait, None))

    async def next(self):
        return await self._queue.get()


def event(kind, payload, content_type):
    headers = {":message-type": "event", ":event-type": kind, ":content-type": content_type}
    return lambda_svc._es_encode_message(headers, payload)


def chunk(payload):
    return event("PayloadChunk", payload, "application/octet-stream")


def complete(headers, payload):
    """The last event: it carries the error of a handler that failed, before or in the middle of its stream."""
    details = {}
    if headers.get("X-Amz-Function-Error"):
        details["ErrorCode"] = json.loads(payload or b"{}").get("errorType", "Unhandled")
        details["ErrorDetails"] = payload.decode()
    if headers.get("X-Amz-Log-Result"):
        details["LogResult"] = headers["X-Amz-Log-Result"]
    return event("InvokeComplete", json.dumps(details).encode(), "application/json")


async def invoke(name, payload, headers, path_qualifier=None, query_params=None):
    relay = Relay(lambda_svc._invoke(name, payload, headers, path_qualifier, query_params))
    first = await relay.next()
    if first is None and relay.task.result()[0] != 200:
        return relay.task.result()

    async def run(send, _receive):
        async def write(body, more=True):
            await send({"type": "http.response.body", "body": body, "more_body": more})

        part = first
        while part is not None:
            await write(chunk(part))
            part = await relay.next()
        _, answer_headers, answer = relay.task.result()
        failed = answer_headers.get("X-Amz-Function-Error")
        if first is None and answer and not failed:
            await write(chunk(answer))  # the handler does not stream: its whole answer is one chunk
        await write(complete(answer_headers, answer), more=False)

    return 200, dict(HEADERS), StreamingResponse(run)


def install():
    stock = lambda_svc._invoke_with_response_stream

    async def invoke_with_response_stream(name, event, headers, path_qualifier=None, query_params=None):
        function = lambda_svc._functions.get(name)
        ours = function and is_node(function["config"])
        return await (invoke if ours else stock)(name, event, headers, path_qualifier, query_params)

    lambda_svc._invoke_with_response_stream = invoke_with_response_stream
