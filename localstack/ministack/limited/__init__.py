"""AWS's limits on what MiniStack's services take, and the count of what AWS would bill.

Behind the signature and the policies: what is denied costs nothing and uses up no limit. Each module has the hooks of one
service; what a limit is and where it is documented is in `shared/limits`.
"""

from ministack import app

from limited import cloudformation, dynamodb, iam, lambda_, s3, sqs
from limits import front, ssm
from limits import dynamodb as units
from limits import sqs as names
from limits.calls import call_of
from meter import meter

BILLED = ("dynamodb", "lambda", "s3", "sqs", "ssm")
CHECKS = {**front.CHECKS, "sqs": sqs.check}
WRAPPERS = {"cloudformation": cloudformation.limited, "dynamodb": dynamodb.limited, "iam": iam.limited, "s3": s3.limited}


def limited(service, stock):
    """The handler of a service, with its requests counted and those above a limit refused."""
    inner = WRAPPERS.get(service, lambda handler: handler)(stock)

    async def handle(method, path, headers, body, query_params):
        if service in BILLED:
            count(service, method, path, headers, body, query_params)
        refusal = front.refusal_of(method, path, headers, body, CHECKS)
        return refusal or await inner(method, path, headers, body, query_params)

    return handle


def count(service, method, path, headers, body, query_params):
    if service == "s3":
        key = path.lstrip("/").partition("/")[2]
        meter.s3("DELETE" if "delete" in query_params else method, is_list=method == "GET" and not key)
        return meter.request(service, method)
    call = call_of(method, path, headers, body)
    return meter.request(service, (call and call.action) or method)


def clear():
    """With the account."""
    for each in (units.writes, units.reads, ssm.rate, names, cloudformation, iam, meter):
        each.clear()


def install():
    for module in (cloudformation, dynamodb, iam, lambda_, sqs):
        module.install()
    for service in ("cloudformation", "dynamodb", "iam", "lambda", "s3", "sqs", "ssm"):
        app.SERVICE_HANDLERS[service] = limited(service, app.SERVICE_HANDLERS[service])
    stock = app._reset_all_state

    def reset_all_state():
        stock()
        clear()

    app._reset_all_state = reset_all_state
