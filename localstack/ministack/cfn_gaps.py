"""What the stacks of Tenon and of CDK's bootstrap need of CloudFormation, and MiniStack 1.5.33 leaves out.

A handler of a resource type has create(logical_id, props, stack) -> (id, attributes), update(id, old, new, stack),
with the logical id behind them when it asks for that, and delete(id, props).
"""

import contextvars

from ministack.services import lambda_svc, s3
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

# Of the change set that is being executed: the names of what it takes over.
taken_over = contextvars.ContextVar("taken_over", default=frozenset())


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


def take_buckets_over():
    """A bucket that a change set takes over (ImportExistingResources) is there: its name is no conflict."""
    stock_deploy, stock_conflict = changesets._deploy_stack_async, provisioners.s3_bucket_name_conflict

    async def _deploy_stack_async(*args, imports=None, **named):
        taken_over.set(frozenset(value for entry in (imports or {}).values() for value in entry.values()))
        return await stock_deploy(*args, imports=imports, **named)

    def s3_bucket_name_conflict(name):
        return None if name in taken_over.get() else stock_conflict(name)

    changesets._deploy_stack_async, provisioners.s3_bucket_name_conflict = _deploy_stack_async, s3_bucket_name_conflict


def join_in_conditions():
    """Fn::Join in a condition: by it CDK's bootstrap asks whether a list of policies is empty, and else gives its own."""
    stock = engine._evaluate_conditions

    def joined(value, params):
        if isinstance(value, list):
            return [joined(each, params) for each in value]
        if not isinstance(value, dict):
            return value
        if set(value) != {"Fn::Join"}:
            return {name: joined(each, params) for name, each in value.items()}
        separator, parts = value["Fn::Join"]
        if isinstance(parts, dict):
            parts = str((params.get(parts.get("Ref")) or {}).get("Value", "")).split(",")
        return separator.join(str(params[each["Ref"]]["Value"] if isinstance(each, dict) else each) for each in parts)

    def evaluate_conditions(template, params):
        try:
            conditions = joined(template.get("Conditions") or {}, params)
        except (KeyError, TypeError, ValueError):
            conditions = template.get("Conditions") or {}  # with what else a join may have in it
        return stock({**template, "Conditions": conditions}, params)

    for module in (engine, handlers, changesets, stacks, provisioners):
        if hasattr(module, "_evaluate_conditions"):
            module._evaluate_conditions = evaluate_conditions


def install():
    take_buckets_over()
    join_in_conditions()
    after("AWS::S3::Bucket", tag_bucket)
    after("AWS::Lambda::Function", reserve_concurrency)
