"""Lambda: the size of a request, and the variables of an environment.

- A request of an invocation has at most 6 MB (6,291,456 bytes), an event 1 MB: "Lambda quotas", Invocation payload,
  https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. The answer is 413. Its code is
  `RequestEntityTooLargeException`, although the service model calls it `RequestTooLargeException`.
- Names of variables match `[a-zA-Z]([a-zA-Z0-9_])+` (`EnvironmentVariableName` of the service model); all variables of a
  function have at most 4 KB (the same quotas).
- The account's concurrency, 1,000 (the same quotas; a new account may have 10): the emulators count it themselves, and
  answer 429 with the `Reason` that the service model lists for `TooManyRequestsException`.
"""

import json
import re

from limits.calls import Refusal
from limits.settings import settings

VARIABLE = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")


def check(call):
    if call.action in ("Invoke", "InvokeWithResponseStream"):
        _check_size(call)
    elif call.action in ("CreateFunction", "UpdateFunctionConfiguration"):
        check_variables(call.data.get("Environment"))


def check_variables(environment):
    """Raises `Refusal` for an `Environment` of a function that Lambda refuses."""
    variables = environment.get("Variables") if isinstance(environment, dict) else None
    if settings.environment_bytes is None or not isinstance(variables, dict):
        return
    for name in variables:
        if not VARIABLE.fullmatch(name):
            raise Refusal(
                "ValidationException",
                "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy"
                f" constraint: [Member must satisfy regular expression pattern: {VARIABLE.pattern}]",
            )
    # The measure is of the JSON text, as the error says it.
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > settings.environment_bytes:
        raise Refusal(
            "InvalidParameterValueException",
            "Lambda was unable to configure your environment variables because the environment variables you have provided"
            f" exceeded the {settings.environment_bytes // 1024}KB limit. String measured: {measured}",
        )


def _check_size(call):
    kind = call.headers.get("x-amz-invocation-type", "RequestResponse")
    limit = settings.event_bytes if kind == "Event" else settings.request_bytes
    if limit is not None and len(call.body) > limit:
        message = f"{len(call.body)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        raise Refusal("RequestEntityTooLargeException", message, 413)
