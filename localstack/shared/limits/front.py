"""The limits that can be seen in a request alone, before any emulator."""

from limits import lambda_, sqs, ssm
from limits.calls import Refusal, answer, call_of

CHECKS = {"lambda": lambda_.check, "sqs": sqs.check, "ssm": ssm.check}


def refusal_of(method, path, headers, body, checks=CHECKS):
    """Status, headers and body of AWS's refusal, or None: the request is within the limits."""
    call = call_of(method, path, headers, body)
    if call is None or call.service not in checks:
        return None
    try:
        checks[call.service](call)
    except Refusal as refusal:
        return answer(call, refusal)
    return None
