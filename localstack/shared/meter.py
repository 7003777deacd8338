"""What AWS would bill for what was asked of the account: units, requests, bytes of logs, custom metrics.

- Request units by table: `limits/dynamodb.py` says how they are counted.
- Requests by service and action. A batch is one request.
- S3 by class: PUT, COPY, POST and LIST are one class, GET and the others the other; a deletion is free
  (https://aws.amazon.com/s3/pricing).
- Bytes of what Lambdas print, in UTF-8, and the lines that Lambda adds apart from them.
- A custom metric is a namespace, a name, and one set of values of its dimensions, as the lines in embedded metric format
  name them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
- What event sources ask of their queues, apart from the other requests: an emulator asks at its own pace, not at Lambda's.
"""

import collections
import json
import threading

PATH = "/_tenon/meter"


class Meter:
    def __init__(self):
        self._lock = threading.Lock()
        self.clear()

    def clear(self):
        with self._lock:
            self._tables = collections.defaultdict(lambda: dict.fromkeys(("writeUnits", "readUnits", "indexWriteUnits"), 0))
            self._requests, self._s3 = collections.Counter(), collections.Counter()
            self._polls, self._metrics = collections.Counter(), set()
            self._printed = self._platform = 0

    def as_json(self):
        with self._lock:
            return {
                "tables": {name: dict(units) for name, units in self._tables.items()},
                "requests": dict(self._requests),
                "s3": {kind: self._s3[kind] for kind in ("write", "read", "free")},
                "eventSources": dict(self._polls),
                "logs": {"bytes": self._printed, "platformBytes": self._platform},
                "metrics": sorted(self._metrics),
            }

    def units(self, table, **units):
        with self._lock:
            for kind, amount in units.items():
                self._tables[table][kind] += amount

    def request(self, service, action):
        with self._lock:
            self._requests[f"{service}:{action}"] += 1

    def s3(self, method, is_list=False):
        """A deletion of many is a POST; it counts as DELETE."""
        kind = "free" if method == "DELETE" else "write" if is_list or method in ("PUT", "POST") else "read"
        with self._lock:
            self._s3[kind] += 1

    def poll(self, action):
        with self._lock:
            self._polls[action] += 1

    def printed(self, text):
        """What a Lambda has printed during one invocation, without its last line break."""
        if not text:
            return
        found = [name for line in text.splitlines() if '"_aws"' in line for name in metrics_of(line)]
        with self._lock:
            self._printed += len(text.encode()) + 1
            self._metrics.update(found)

    def platform(self, lines):
        with self._lock:
            self._platform += sum(len(line.encode()) + 1 for line in lines)


def metrics_of(line):
    """The custom metrics that a line in embedded metric format names; none where it is no such line."""
    try:
        record = json.loads(line[line.index("{") :])
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for dimensions in directive.get("Dimensions") or [[]]:
                values = ",".join(f"{name}={record.get(name)}" for name in dimensions)
                for metric in directive["Metrics"]:
                    yield f"{directive['Namespace']}/{metric['Name']}{{{values}}}"
    except (ValueError, KeyError, TypeError):
        return


meter = Meter()


def serve(method):
    """Status, headers and body of a request to the meter itself."""
    if method == "DELETE":
        meter.clear()
        return 204, {}, b""
    if method != "GET":
        return 405, {}, b""
    return 200, {"Content-Type": "application/json"}, json.dumps(meter.as_json()).encode()
