"""What the stacks of Tenon and of CDK's bootstrap need of CloudFormation, and MiniStack 1.5.33 leaves out.

A handler of a resource type has create(logical_id, props, stack) -> (id, attributes), update(id, old, new, stack),
with the logical id behind them when it asks for that, and delete(id, props).
"""

from ministack.services import lambda_svc, s3
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS


def after(resource_type, apply):
    """Calls apply(id, props) whenever a resource of the type was created or updated."""
    stock = _RESOURCE_HANDLERS[resource_type]

    def create(logical_id, props, stack, *rest):
        made = stock["create"](logical_id, props, stack, *rest)
        apply(made[0], props)
        return made

    def update(physical_id, old, new, stack, *rest):
        changed = stock["update"](physical_id, old, new, stack, *rest)
        apply(changed[0] if isinstance(changed, tuple) else physical_id, new)
        return changed

    _RESOURCE_HANDLERS[resource_type] = {**stock, "create": create, "update": update}


def tag_bucket(bucket, props):
    if props.get("Tags"):
        s3._bucket_tags[bucket] = {tag["Key"]: str(tag["Value"]) for tag in props["Tags"]}


def reserve_concurrency(function, props):
    record = lambda_svc._functions.get(function.rsplit(":", 1)[-1])
    reserved = props.get("ReservedConcurrentExecutions")
    if record is not None:
        record["concurrency"] = None if reserved is None else int(reserved)


def install():
    after("AWS::S3::Bucket", tag_bucket)
    after("AWS::Lambda::Function", reserve_concurrency)
