"""Which of AWS's limits an account has, and how large each is.

Every limit is on unless a start says otherwise: `limits` of `startEmulator`. None stands for a limit that is off.
"""

import sys
from dataclasses import dataclass, fields

OFF = None


@dataclass
class Settings:
    """AWS's own values, but for those that say so. Each field's source is beside what applies it."""

    account_concurrency: int | None = 1_000  # lambda_.py
    event_bytes: int | None = 1_048_576  # lambda_.py
    environment_bytes: int | None = 4_096  # lambda_.py
    request_bytes: int | None = 6_291_456  # lambda_.py
    partition_write_units: int | None = 1_000  # dynamodb.py
    partition_read_units: int | None = 3_000  # dynamodb.py
    parameters_per_second: int | None = 40  # ssm.py
    fifo_per_second: int | None = 300  # sqs.py
    queue_name_seconds: float | None = 1  # sqs.py; AWS: 60, which is long for a suite that destroys and deploys
    policy_delay_seconds: float | None = OFF  # iam.py; AWS: "seconds", without a number
    missing_object_denied: bool | None = True  # s3.py
    template_ascii: bool | None = True  # cloudformation.py
    parameters_by_caller: bool | None = True  # cloudformation.py
    execution_role: bool | None = True  # cloudformation.py
    second_ms: int = 1_000  # how long a second of a rate lasts, for tests that count


settings = Settings()


def configure(given):
    """Takes what a start says: names of fields, with a value or None. Ends the process where there is no such limit."""
    known = {field.name for field in fields(Settings)}
    for name, value in given.items():
        if name not in known:
            sys.exit(f"There is no limit {name}. There are {', '.join(sorted(known))}.")
        setattr(settings, name, value)
