"""DynamoDB: what a request costs, and how much one partition takes.

- A write costs a unit for each started KB of the item as it was or as it becomes, whichever is larger; a consistent read a
  unit for each started 4 KB, another one half; in a transaction each costs double: "DynamoDB read and write operations",
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html. A write whose condition fails
  costs what it would have cost.
- A partition takes 1,000 write and 3,000 read units a second, in every mode of capacity: "Designing partition keys",
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html. Rows of one partition key
  begin in one partition, and rows that only grow at one end stay there: here a partition is a partition key.
- What is above is refused as `ThrottlingException` of a table on demand, as `ProvisionedThroughputExceededException` of one
  with provisioned throughput; a batch gives it back unprocessed, and is refused only when nothing could be done; a
  transaction is cancelled with a reason for each item, in their order (the service model's documentation of each).
- A batch reads at most 16 MB, and gives the other keys back (API_BatchGetItem).

The emulators refuse items of more than 400 KB, batches of more than 100 keys or 25 writes, and transactions of more than
100 items themselves.
"""

import math

from limits.calls import Refusal
from limits.rate import Rate

WRITE_BYTES = 1_024
READ_BYTES = 4_096
TRANSACTION = 2
BATCH_GET_BYTES = 16 * 1_024 * 1_024

writes, reads = Rate(), Rate()

ON_DEMAND = (
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so"
    " please try again shortly. If exceptions persist, check if you have a hot key:"
    " https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html."
)
PROVISIONED = (
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level"
    " with the UpdateTable API."
)


def write_units(size, in_transaction=False):
    return max(1, math.ceil(size / WRITE_BYTES)) * (TRANSACTION if in_transaction else 1)


def read_units(size, consistent=False, in_transaction=False):
    whole = max(1, math.ceil(size / READ_BYTES))
    return whole * TRANSACTION if in_transaction else whole if consistent else whole / 2


def throttled(arn, is_write, on_demand=True):
    reason = {"reason": f"Table{'Write' if is_write else 'Read'}KeyRangeThroughputExceeded", "resource": arn}
    if on_demand:
        return Refusal("ThrottlingException", ON_DEMAND, throttlingReasons=[reason])
    return Refusal("ProvisionedThroughputExceededException", PROVISIONED, ThrottlingReasons=[reason])


def cancelled(is_throttled, on_demand=True):
    """The refusal of a transaction; `is_throttled` says it for each item."""
    code, message = ("ThrottlingError", ON_DEMAND) if on_demand else ("ProvisionedThroughputExceeded", PROVISIONED)
    reasons = [{"Code": code, "Message": message} if each else {"Code": "None"} for each in is_throttled]
    listed = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{listed}]"
    return Refusal("TransactionCanceledException", message, CancellationReasons=reasons)
