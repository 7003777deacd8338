"""The units that requests to MiniStack's tables take: counted for the meter, and no more than a partition has.

What a request costs follows from the rows as they are before it and after it, which only the store itself knows.
"""

import contextvars
import json
from typing import NamedTuple

from ministack.services import dynamodb

import iam_gaps
from limits.calls import Refusal, answer, call_of
from limits.dynamodb import BATCH_GET_BYTES, cancelled, read_units, reads, throttled, write_units, writes
from limits.settings import settings
from meter import meter

SINGLE = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete", "GetItem": "Get"}
BATCH = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}
# Of the page that a query or scan is reading: the bytes of the rows that it looks at.
looked_at = contextvars.ContextVar("looked_at", default=None)


class Row(NamedTuple):
    """One row of a request: what is done to it, and where it is."""

    kind: str
    part: dict
    table: dict
    name: str
    key: dict

    @property
    def partition(self):
        return self.name, json.dumps(self.key.get(self.table["pk_name"]), sort_keys=True)

    @property
    def is_write(self):
        return self.kind != "Get"

    @property
    def on_demand(self):
        return (self.table.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST"

    def item(self):
        return dynamodb._get_item_by_key(self.table, self.key)

    def becomes(self, before):
        """The row after the request, as far as the request alone says it."""
        return self.part.get("Item") if self.kind == "Put" else None if self.kind == "Delete" else before

    def is_throttled(self):
        if self.is_write:
            return writes.is_over(self.partition, settings.partition_write_units)
        return reads.is_over(self.partition, settings.partition_read_units)

    def throttled(self):
        return throttled(self.table.get("TableArn", self.name), self.is_write, self.on_demand)


def row_of(kind, name, part):
    name = iam_gaps.table_name(name)
    table = dynamodb._tables.get(name)
    if table is None or not isinstance(part, dict):
        raise KeyError(name)
    key = part.get("Key") or part["Item"]
    return Row(kind, part, table, name, key)


def size(item):
    return dynamodb._item_size_bytes(item) if item else 0


def charge(row, before, after, in_transaction=False, consistent=False):
    """Counts what was done to a row."""
    if not row.is_write:
        units = read_units(size(before), consistent, in_transaction)
        reads.add(row.partition, units)
        return meter.units(row.name, readUnits=units)
    units = write_units(max(size(before), size(after)), in_transaction)
    writes.add(row.partition, units)
    indexes = [*(row.table.get("GlobalSecondaryIndexes") or []), *(row.table.get("LocalSecondaryIndexes") or [])]
    more = sum(dynamodb._index_write_units(row.table, index, before, after) for index in indexes)
    return meter.units(row.name, writeUnits=units, indexWriteUnits=more)


def is_cancelled(result):
    """Whether nothing was written because a condition did not hold: that costs as well."""
    code = result[1].get("x-amzn-errortype")
    return result[0] == 400 and code in ("ConditionalCheckFailedException", "TransactionCanceledException")


async def one(call, send):
    row = row_of(SINGLE[call.action], call.data["TableName"], call.data)
    if row.is_throttled():
        raise row.throttled()
    before = row.item()
    result = await send(call.body)
    if result[0] == 200:
        charge(row, before, row.item() if row.is_write else before, consistent=bool(call.data.get("ConsistentRead")))
    elif is_cancelled(result):
        charge(row, before, row.becomes(before))
    return result


async def transaction(call, send):
    rows = [row_of(kind, part["TableName"], part) for item in call.data["TransactItems"] for kind, part in item.items()]
    is_throttled = [row.is_throttled() for row in rows]
    if any(is_throttled):
        raise cancelled(is_throttled, rows[is_throttled.index(True)].on_demand)
    before = [row.item() for row in rows]
    result = await send(call.body)
    for row, item in zip(rows, before, strict=True):
        if result[0] == 200:
            charge(row, item, row.item(), in_transaction=True)
        elif is_cancelled(result):
            charge(row, item, row.becomes(item), in_transaction=True)
    return result


def batch_rows(call):
    """Each row of a batch with what it is given back as when it can't be done."""
    for table, requests in call.data["RequestItems"].items():
        if call.action == "BatchGetItem":
            for key in requests["Keys"]:
                yield row_of("Get", table, {"Key": key}), table, key
        else:
            for request in requests:
                kind, part = next(iter(request.items()))
                yield row_of(kind.removesuffix("Request"), table, part), table, request


async def batch(call, send):
    asked, done, left, bytes_ = call.data["RequestItems"], {}, {}, 0
    charges, refusal = [], None
    for row, table, request in batch_rows(call):
        before = row.item()
        bytes_ += 0 if row.is_write else size(before)
        if row.is_throttled():
            refusal = row.throttled()
        if row.is_throttled() or (done and bytes_ > BATCH_GET_BYTES):
            left.setdefault(table, []).append(request)
            continue
        done.setdefault(table, []).append(request)
        # At once: the rows behind it may be of the same partition.
        consistent = not row.is_write and bool(asked[table].get("ConsistentRead"))
        charges.append((row, before, row.becomes(before), consistent))
        (writes if row.is_write else reads).add(row.partition, units_of(*charges[-1]))
    if not done and refusal:
        raise refusal
    is_get = call.action == "BatchGetItem"
    kept = {table: {**asked[table], "Keys": keys} if is_get else keys for table, keys in done.items()}
    result = await send(json.dumps({**call.data, "RequestItems": kept}).encode())
    for row, before, after, consistent in charges:
        (writes if row.is_write else reads).add(row.partition, -units_of(row, before, after, consistent))
        if result[0] == 200:
            charge(row, before, after, consistent=consistent)
    given_back = {table: {**asked[table], "Keys": keys} if is_get else keys for table, keys in left.items()}
    return with_left(result, BATCH[call.action], given_back)


def units_of(row, before, after, consistent):
    return write_units(max(size(before), size(after))) if row.is_write else read_units(size(before), consistent)


def with_left(result, member, left):
    """The answer to a batch, with what was not sent as unprocessed."""
    status, headers, body = result
    if status != 200 or not left:
        return result
    data = json.loads(body)
    unprocessed = data.get(member) or {}
    body = json.dumps({**data, member: {**unprocessed, **left}}, ensure_ascii=False).encode()
    return status, {name: value for name, value in headers.items() if name.lower() != "x-amz-crc32"}, body


async def pages(call, send):
    name = iam_gaps.table_name(call.data["TableName"])
    table, index = dynamodb._tables[name], call.data.get("IndexName")
    hash_name = dynamodb._resolve_index_keys(table, index)[0] if index else table["pk_name"]
    value = iam_gaps.queried_key(call.data, hash_name) if call.action == "Query" else None
    partition = (name, index, value) if index else (name, json.dumps({dynamodb._get_attr_type(table, hash_name): value}))
    if value is not None and reads.is_over(partition, settings.partition_read_units):
        raise Row("Get", {}, table, name, {}).throttled()
    bytes_ = []
    token = looked_at.set(bytes_)
    try:
        result = await send(call.body)
    finally:
        looked_at.reset(token)
    if result[0] == 200:
        units = read_units(sum(bytes_), bool(call.data.get("ConsistentRead")))
        reads.add(partition, units)
        meter.units(name, readUnits=units)
    return result


def measure_pages():
    stock = dynamodb._paginate_evaluated_items

    def paginate_evaluated_items(items, limit, table, index_name=None):
        page, more = stock(items, limit, table, index_name)
        if looked_at.get() is not None:
            entries = (dynamodb._apply_index_projection(item, table, index_name) if index_name else item for item in page)
            looked_at.get().extend(size(entry) for entry in entries)
        return page, more

    dynamodb._paginate_evaluated_items = paginate_evaluated_items


HOW = {
    **dict.fromkeys(SINGLE, one),
    **dict.fromkeys(BATCH, batch),
    **dict.fromkeys(("TransactWriteItems", "TransactGetItems"), transaction),
    **dict.fromkeys(("Query", "Scan"), pages),
}


def limited(stock):
    """DynamoDB's handler, with its units counted."""

    async def handle(method, path, headers, body, query_params):
        call = call_of(method, path, headers, body)

        async def send(sent):
            return await stock(method, path, headers, sent, query_params)

        how = HOW.get(call.action) if call else None
        if how is None:
            return await send(body)
        try:
            return await how(call, send)
        except Refusal as refusal:
            return answer(call, refusal)
        except (AttributeError, KeyError, TypeError, ValueError, StopIteration):
            return await send(body)  # not a request that DynamoDB takes: it is refused as such

    return handle


def install():
    measure_pages()
