"""Lambda in MiniStack: the account's concurrency, variables that come by a template (`limits/lambda_.py`), and log lines."""

import contextvars
import time

from ministack.services import lambda_svc
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

from limits.calls import Refusal
from limits.lambda_ import check_variables
from limits.settings import settings
from meter import meter
from platform_lines import platform_lines

FUNCTION = "AWS::Lambda::Function"
EVENT_SECONDS = 6 * 3600
WAIT_SECONDS = 0.2  # between two attempts to start an event; AWS: from a second to five minutes
# Whether the invocation is that of an event.
waits = contextvars.ContextVar("waits", default=False)


def limit_concurrency():
    # MiniStack counts already, up to a number that it takes from the machine's memory; 0 stands for none.
    lambda_svc._ACCOUNT_CONCURRENCY_CAP = settings.account_concurrency or 0


def wait_with_events():
    """An event that meets the limit waits for its turn, for up to six hours, and uses up none of its retries.

    "For throttling errors (429) ... Lambda returns the event to the queue and attempts to run the function again for up to 6
    hours by default", https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html. Where a function may
    not run at all (reserved concurrency 0), the event fails at once.
    """
    invoke, execute = lambda_svc.invoke_async_with_retry, lambda_svc._execute_function

    def invoke_async_with_retry(func, event):
        token = waits.set(True)
        try:
            return invoke(func, event)
        finally:
            waits.reset(token)

    def execute_function(func, event):
        result, until = execute(func, event), time.monotonic() + EVENT_SECONDS
        while waits.get() and result.get("throttle") and func.get("concurrency") != 0 and time.monotonic() < until:
            time.sleep(WAIT_SECONDS)
            result = execute(func, event)
        return result

    lambda_svc.invoke_async_with_retry, lambda_svc._execute_function = invoke_async_with_retry, execute_function


def check_templates():
    stock = _RESOURCE_HANDLERS[FUNCTION]

    def checked(props):
        try:
            check_variables(props.get("Environment"))
        except Refusal as refusal:
            handler = f'Resource handler returned message: "{refusal} (Service: Lambda, Status Code: 400)"'
            raise ValueError(f"{handler} (HandlerErrorCode: InvalidRequest)") from None

    def create(logical_id, props, *rest):
        checked(props)
        return stock["create"](logical_id, props, *rest)

    def update(physical_id, old, new, *rest):
        checked(new)
        return stock["update"](physical_id, old, new, *rest)

    _RESOURCE_HANDLERS[FUNCTION] = {**stock, "create": create, "update": update}


def count_platform_lines():
    stock = lambda_svc._emit_lambda_logs

    def emit_lambda_logs(func, request_id, log_text, error, duration_ms, **named):
        config = func.get("config") or func
        logging, version = config.get("LoggingConfig") or {}, config.get("Version", "$LATEST")
        meter.platform(platform_lines(logging, request_id, version, config.get("MemorySize", 128), duration_ms))
        return stock(func, request_id, log_text, error, duration_ms, **named)

    lambda_svc._emit_lambda_logs = emit_lambda_logs


def install():
    limit_concurrency()
    wait_with_events()
    count_platform_lines()
    check_templates()
