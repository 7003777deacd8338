"""IAM in MiniStack: a role's policies take effect late.

"Changes that you make in IAM ... can take time to become visible": eventual consistency,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency. AWS names no
time; `policy_delay_seconds` says one. Until then a role may do what it could before the change; a new one may do nothing.
The policies of users are not delayed: a test's own users would have to wait for theirs.
"""

import time
from urllib.parse import parse_qs

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

from limits.settings import settings

CHANGES = frozenset(
    ("CreateRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "PutRolePermissionsBoundary")
)
RESOURCES = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")
# Role -> until when, and the policies that hold until then.
_earlier = {}
_stock_gather = iam_evaluator._gather_role_policies


def policies_now(name, account):
    until, policies = _earlier.get(name, (0, None))
    return policies if time.monotonic() < until else _stock_gather(name, account)


def remember(name, account):
    """To be called before a change to the role."""
    _earlier[name] = (time.monotonic() + settings.policy_delay_seconds, policies_now(name, account))


def roles_of(physical_id, props):
    """The roles whose policies a resource of a template changes."""
    named = [name for name in props.get("Roles") or [] if isinstance(name, str)]
    return [*named, *(value for value in (props.get("RoleName"), physical_id) if isinstance(value, str))]


def delay_templates():
    for kind in RESOURCES:
        stock = _RESOURCE_HANDLERS.get(kind)
        if stock is None:
            continue

        def create(logical_id, props, *rest, stock=stock):
            if not settings.policy_delay_seconds:
                return stock["create"](logical_id, props, *rest)
            before = {name: policies_now(name, get_account_id()) for name in roles_of(None, props)}
            made = stock["create"](logical_id, props, *rest)
            until = time.monotonic() + settings.policy_delay_seconds
            for name in roles_of(made[0], props):
                _earlier[name] = (until, before.get(name, []))
            return made

        def update(physical_id, old, new, *rest, stock=stock):
            if settings.policy_delay_seconds:
                for name in roles_of(physical_id, new):
                    remember(name, get_account_id())
            return stock["update"](physical_id, old, new, *rest)

        _RESOURCE_HANDLERS[kind] = {**stock, "create": create, **({"update": update} if "update" in stock else {})}


def limited(stock):
    """IAM's handler; its requests are forms."""
    async def handle(method, path, headers, body, query_params):
        if settings.policy_delay_seconds:
            form = parse_qs(body.decode(errors="replace"))
            if form.get("Action", [""])[0] in CHANGES:
                remember(form.get("RoleName", [""])[0], get_account_id())
        return await stock(method, path, headers, body, query_params)

    return handle


def clear():
    _earlier.clear()


def install():
    iam_evaluator._gather_role_policies = policies_now
    delay_templates()
