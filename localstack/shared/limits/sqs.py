"""SQS: 300 requests a second to a FIFO queue, and 60 seconds until the name of a deleted queue is free.

- A FIFO queue without high throughput takes 300 sends, 300 receives and 300 deletes a second; a batch is one request:
  "Amazon SQS message quotas", https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html.
  High throughput is `FifoThroughputLimit` `perMessageGroupId`. What is above gets `RequestThrottled`, 403 in the service model.
- "If you delete a queue, you must wait at least 60 seconds before creating a queue with the same name": API_CreateQueue.
  The answer is `QueueDeletedRecently`. The time is an option of the account; `is_recent` and `note` are for who sees deletions.
"""

import re
import time

from limits.calls import Refusal
from limits.rate import Rate
from limits.settings import settings

COUNTED = re.compile(r"(Send|Receive|Delete)Message(Batch)?")
rate = Rate()
_deleted = {}


def check(call, is_high_throughput=lambda url: False):
    """`is_high_throughput` says whether a queue, given by its address, takes more."""
    found, url = COUNTED.fullmatch(call.action), str(call.data.get("QueueUrl", ""))
    if not found or not url.endswith(".fifo") or is_high_throughput(url):
        return
    if not rate.take((url.rpartition("/")[2], found[1]), settings.fifo_per_second):
        raise Refusal("RequestThrottled", "Request is throttled.", 403)


def note_deletion(name):
    _deleted[name] = time.monotonic()


def recently_deleted(name):
    """The message for who makes a queue of this name now, or None."""
    waits = settings.queue_name_seconds
    if waits is None or time.monotonic() - _deleted.get(name, float("-inf")) >= waits:
        return None
    return "You must wait 60 seconds after deleting a queue before you can create another with the same name."


def clear():
    rate.clear()
    _deleted.clear()
