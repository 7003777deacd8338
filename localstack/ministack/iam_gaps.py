"""What IAM on AWS knows of a request and MiniStack 1.5.33 leaves out.

- `dynamodb:LeadingKeys`: the partition keys that a DynamoDB request names. A policy that grants rows by their prefix, and
  refuses requests that name none, denies everything without it. Requests through an index and PartiQL get none.
- The path of `ssm:GetParametersByPath`, which is its resource, and each of the names of `ssm:GetParameters`.
- The action of a batch of SQS, which is that of one message.
- The actions of Lambda's requests. It knows some paths: by others it lets anybody stream from a function or turn an event
  source off, and takes reading the concurrency of a function for setting it. They come from AWS's own model instead.
- TLS: plain HTTP on loopback counts as TLS, or the usual policy of a bucket, which denies anything else, denies everything.
"""

import contextvars
import json
import re

from ministack import app
from ministack.core import iam_actions, iam_evaluator

TRANSACTION_ACTIONS = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Get": "dynamodb:GetItem",
}

# Operations whose action has another name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html,
# and https://docs.aws.amazon.com/lambda/latest/dg/API_InvokeWithResponseStream.html.
ACTIONS_OF_LAMBDA = {
    "Invoke": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
    "GetLayerVersionByArn": "GetLayerVersion",
}

# Of the request that is being authorized: (action, table) -> keys. The action is None where the request is one action.
leading_keys = contextvars.ContextVar("leading_keys", default={})

# The parameters that the request names which is being authorized.
parameter_arns = contextvars.ContextVar("parameter_arns", default=[])


def table_name(table):
    """The name in a TableName, which may be an ARN, or in the ARN of a table or index."""
    return table.split(":table/")[-1].split("/")[0]


def partition_key(table):
    from ministack.services import dynamodb

    return (dynamodb._tables.get(table_name(table)) or {}).get("pk_name")


def text(value):
    return str(next(iter(value.values()))) if isinstance(value, dict) and value else None


def queried_key(request, name):
    """The value that a query's condition gives its partition key."""
    values = request.get("ExpressionAttributeValues") or {}
    names = request.get("ExpressionAttributeNames") or {}
    for left, right in re.findall(r"([#\w.-]+)\s*=\s*(:\w+)", request.get("KeyConditionExpression") or ""):
        if names.get(left, left) == name:
            return text(values.get(right))
    legacy = (request.get("KeyConditions") or {}).get(name) or {}
    return text((legacy.get("AttributeValueList") or [None])[0])


def named_key(part, name):
    """The partition key of one item: by its key, as a whole, or by a query."""
    item = part.get("Key") or part.get("Item")
    return text(item.get(name)) if item else queried_key(part, name)


def parts_of(request):
    """Each (action, table, part) of a request: one, those of a batch, or those of a transaction."""
    for item in request.get("TransactItems") or []:
        for member, part in item.items():
            if member in TRANSACTION_ACTIONS:
                yield TRANSACTION_ACTIONS[member], part["TableName"], part
    for table, batch in (request.get("RequestItems") or {}).items():
        if isinstance(batch, dict):
            for key in batch.get("Keys") or []:
                yield None, table, {"Key": key}
        else:
            for write in batch:
                yield None, table, next(iter(write.values()))
    if "TableName" in request and "IndexName" not in request:
        yield None, request["TableName"], request


def keys_of(body):
    found = {}
    try:
        for action, table, part in parts_of(json.loads(body or b"{}")):
            name = partition_key(table)
            key = named_key(part, name) if name else None
            if key is not None:
                found.setdefault((action, table_name(table)), []).append(key)
    except (AttributeError, KeyError, TypeError, ValueError, StopIteration):
        return {}  # not a request that DynamoDB takes: it names no keys, and is refused as such
    return found


def know_leading_keys():
    stock_context, stock_enforce = iam_actions.dynamodb_service_context, iam_evaluator.enforce

    def dynamodb_service_context(body):
        leading_keys.set(keys_of(body))
        return stock_context(body)

    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        if service == "dynamodb":
            found, table = leading_keys.get(), table_name(resource_arn)
            keys = found.get((iam_action, table)) or found.get((None, table))
            if keys:
                service_context = {**(service_context or {}), "dynamodb:LeadingKeys": keys}
        return stock_enforce(access_key_id, iam_action, service, region, resource_arn, service_context)

    iam_actions.dynamodb_service_context, iam_evaluator.enforce = dynamodb_service_context, enforce


def know_parameter_paths():
    stock = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        found = stock(service, method, path, headers, body, query_params, region, account_id)
        if service != "ssm" or found != "*":
            return found
        try:
            parameters = json.loads(body or b"{}").get("Path")
        except (AttributeError, ValueError):
            return found
        return f"arn:aws:ssm:{region}:{account_id}:parameter/{parameters.lstrip('/')}" if isinstance(parameters, str) else found

    iam_actions.extract_resource_arn = extract_resource_arn


def know_parameter_names():
    """Each parameter of a request for several is a resource of its own, and all of them must be allowed."""
    stock_extract, stock_enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce

    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        found = stock_extract(service, method, path, headers, body, query_params, region, account_id)
        if service == "ssm":
            try:
                names = json.loads(body or b"{}").get("Names")
            except (AttributeError, ValueError):
                names = None
            arns = [f"arn:aws:ssm:{region}:{account_id}:parameter/{str(name).lstrip('/')}" for name in names or []]
            parameter_arns.set(arns)
        return found

    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        several = parameter_arns.get() if iam_action == "ssm:GetParameters" else []
        for arn in several or [resource_arn]:
            denied = stock_enforce(access_key_id, iam_action, service, region, arn, service_context)
            if denied is not None:
                return denied
        return None

    iam_actions.extract_resource_arn, iam_evaluator.enforce = extract_resource_arn, enforce


def know_batches_of_messages():
    """`SendMessageBatch` takes the right to `sqs:SendMessage`; SQS has no action of its own for it."""
    stock = iam_actions.extract_iam_action

    def extract_iam_action(service, *args, **kwargs):
        found = stock(service, *args, **kwargs)
        return found.removesuffix("Batch") if service == "sqs" and found else found

    iam_actions.extract_iam_action = extract_iam_action


def know_actions_of_lambda():
    """By the paths of AWS's own model (botocore): an action has the name of its operation, but for a few."""
    stock = iam_actions.extract_iam_action
    iam_actions._BOTOCORE_SERVICE_MAP["lambda"] = ["lambda"]

    def extract_iam_action(service, method, path, headers, body, query_params):
        operation = iam_actions._match_rest_action(service, method, path, query_params) if service == "lambda" else None
        if operation:
            return f"lambda:{ACTIONS_OF_LAMBDA.get(operation, operation)}"
        return stock(service, method, path, headers, body, query_params)

    iam_actions.extract_iam_action = extract_iam_action


def count_loopback_as_tls():
    stock = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure_transport: stock(source_ip, True)


def install():
    know_leading_keys()
    know_parameter_paths()
    know_parameter_names()
    know_batches_of_messages()
    know_actions_of_lambda()
    count_loopback_as_tls()
