"""Systems Manager: 40 requests a second for parameters, for the whole account.

"Default throughput: 40 transactions per second", shared by GetParameter, GetParameters and GetParametersByPath:
https://docs.aws.amazon.com/general/latest/gr/ssm.html. What is above gets 400 `ThrottlingException: Rate exceeded`.
"""

from limits.calls import Refusal
from limits.rate import Rate
from limits.settings import settings

COUNTED = ("GetParameter", "GetParameters", "GetParametersByPath")
rate = Rate()


def check(call):
    if call.action in COUNTED and not rate.take("account", settings.parameters_per_second):
        raise Refusal("ThrottlingException", "Rate exceeded")
