"""CloudFormation in MiniStack: with whose rights it acts, and what `GetTemplate` gives (`limits/cloudformation.py`).

- With a `RoleARN` it makes, changes and deletes resources with the rights of that role alone, and keeps the role for later
  operations on the stack: "AWS CloudFormation service role",
  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html. What a resource needs is the
  first permission of each handler in its schema (`aws cloudformation describe-type`). Dynamic references are resolved by it.
- The value of a parameter of a type `AWS::SSM::Parameter::Value<…>` is read when a request is taken, with the rights of who
  sends it: it needs `ssm:GetParameters` ("Parameters", SSM parameter types). The deploy role of CDK's bootstrap has it for
  the bootstrap's own version only.
- A stack without a role is made with the rights of who asks. That is not checked here.
"""

import contextvars
from urllib.parse import parse_qsl

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from limits.cloudformation import as_answered
from limits.settings import settings

# Type -> its service, what creates, updates and deletes it, what its ARN ends with, and the property that has its name.
PERMISSIONS = {
    "AWS::DynamoDB::Table": ("dynamodb", "CreateTable", "UpdateTable", "DeleteTable", "table/", "TableName"),
    "AWS::Events::Rule": ("events", "PutRule", "PutRule", "DeleteRule", "rule/", "Name"),
    "AWS::IAM::Policy": ("iam", "PutRolePolicy", "PutRolePolicy", "DeleteRolePolicy", None, None),
    "AWS::IAM::Role": ("iam", "CreateRole", "UpdateRole", "DeleteRole", "role/", "RoleName"),
    "AWS::Lambda::EventInvokeConfig": (
        "lambda",
        "PutFunctionEventInvokeConfig",
        "UpdateFunctionEventInvokeConfig",
        "DeleteFunctionEventInvokeConfig",
        "function:",
        "FunctionName",
    ),
    "AWS::Lambda::EventSourceMapping": (
        "lambda",
        "CreateEventSourceMapping",
        "UpdateEventSourceMapping",
        "DeleteEventSourceMapping",
        None,
        None,
    ),
    "AWS::Lambda::Function": (
        "lambda",
        "CreateFunction",
        "UpdateFunctionConfiguration",
        "DeleteFunction",
        "function:",
        "FunctionName",
    ),
    "AWS::Lambda::Permission": ("lambda", "AddPermission", "AddPermission", "RemovePermission", "function:", "FunctionName"),
    "AWS::Logs::LogGroup": ("logs", "CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup", "log-group:", "LogGroupName"),
    "AWS::S3::Bucket": ("s3", "CreateBucket", "PutBucketTagging", "DeleteBucket", "", "BucketName"),
    "AWS::SQS::Queue": ("sqs", "CreateQueue", "SetQueueAttributes", "DeleteQueue", "", "QueueName"),
    "AWS::SSM::Parameter": ("ssm", "PutParameter", "PutParameter", "DeleteParameter", "parameter/", "Name"),
}
CREATE, UPDATE, DELETE = 1, 2, 3
SSM_TYPE = "AWS::SSM::Parameter::Value<"

# Of the request that is being served: the key of who sends it, and of its stack: the role that acts.
caller = contextvars.ContextVar("caller", default="")
role = contextvars.ContextVar("role", default=None)
_roles = {}


def arn_of(service, rest, name):
    if not isinstance(name, str):
        return "*"
    if name.startswith("arn:"):
        return name
    region, account = "" if service in ("iam", "s3") else get_region(), "" if service == "s3" else get_account_id()
    return f"arn:aws:{service}:{region}:{account}:{rest}{name.lstrip('/')}"


def denial(action, resource):
    """Why the role of the stack may not do it, or None."""
    arn = role.get()
    if not app.AUTH or not settings.execution_role or not arn:
        return None
    name, account = arn.rsplit("/", 1)[-1], get_account_id()
    principal = f"arn:aws:sts::{account}:assumed-role/{name}/AWSCloudFormation"
    context = iam_evaluator.EvalContext(principal, "AssumedRole", account, action, resource, get_region())
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account))
    if result.decision == "Allow":
        return None
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource}"


def refuse_resource(kind, resource_type, props, physical_id=None):
    found = PERMISSIONS.get(resource_type)
    if not found:
        return
    service, rest, name = found[0], found[4], (props or {}).get(found[5]) or physical_id
    denied = denial(f"{service}:{found[kind]}", arn_of(service, rest, name) if rest is not None else "*")
    if denied:
        raise ValueError(f'Resource handler returned message: "{denied}" (HandlerErrorCode: AccessDenied)')


def act_as_role():
    provision, update, delete = stacks._provision_resource, stacks._update_resource, stacks._delete_resource
    resolve = engine._resolve_dynamic_reference

    def provision_resource(resource_type, logical_id, props, stack_name):
        refuse_resource(CREATE, resource_type, props)
        return provision(resource_type, logical_id, props, stack_name)

    def update_resource(resource_type, physical_id, old_props, new_props, *rest):
        refuse_resource(UPDATE, resource_type, new_props, physical_id)
        return update(resource_type, physical_id, old_props, new_props, *rest)

    def delete_resource(resource_type, physical_id, props, *rest):
        refuse_resource(DELETE, resource_type, props, physical_id)
        return delete(resource_type, physical_id, props, *rest)

    def resolve_dynamic_reference(literal):
        _, service, name = literal.strip("{}").split(":", 2)
        action = "secretsmanager:GetSecretValue" if service == "secretsmanager" else "ssm:GetParameters"
        resource = name if name.startswith("arn:") else "*"
        if service.startswith("ssm"):
            resource = arn_of("ssm", "parameter/", name.partition(":")[0])
        denied = denial(action, resource)
        if denied:
            raise ValueError(denied)
        return resolve(literal)

    stacks._provision_resource, stacks._update_resource = provision_resource, update_resource
    stacks._delete_resource = delete_resource
    engine._resolve_dynamic_reference = resolve_dynamic_reference


def read_parameters_as_caller():
    stock = engine._resolve_parameters

    def resolve_parameters(template, provided_params, previous_params=None):
        if app.AUTH and settings.parameters_by_caller and caller.get():
            for name, definition in (template.get("Parameters") or {}).items():
                if str(definition.get("Type", "")).startswith(SSM_TYPE):
                    refuse_parameter(name, definition, provided_params, previous_params or {})
        return stock(template, provided_params, previous_params)

    for module in (engine, handlers, changesets):
        module._resolve_parameters = resolve_parameters


def refuse_parameter(name, definition, provided_params, previous_params):
    given = next((each.get("Value") for each in provided_params if each.get("Key") == name), None)
    parameter = given or (previous_params.get(name) or {}).get("SsmName") or definition.get("Default", "")
    resource = arn_of("ssm", "parameter/", parameter)
    denied = iam_evaluator.enforce(caller.get(), "ssm:GetParameters", "ssm", get_region(), resource)
    if denied is not None:
        who = getattr(denied, "principal_arn", "")
        raise ValueError(
            f"User: {who} is not authorized to perform: ssm:GetParameters on resource: {resource} because no identity-based policy"
            " allows the ssm:GetParameters action (Service: AWSSimpleSystemsManagement; Status Code: 400; Error Code:"
            " AccessDeniedException)"
        )


def role_of(form):
    """The role that acts for the stack of a request: the one that it names, or the one that was named last."""
    stack = handlers._resolve_stack(form.get("StackName", "")) or {}
    name = stack.get("StackName") or form.get("StackName", "")
    if form.get("RoleARN"):
        _roles[name] = form["RoleARN"]
    return _roles.get(name)


def limited(stock):
    """CloudFormation's handler; its requests are forms."""
    async def handle(method, path, headers, body, query_params):
        form = dict(parse_qsl(body.decode(errors="replace")))
        tokens = caller.set(extract_access_key_id(headers, query_params)), role.set(role_of(form))
        try:
            status, headers, answer = await stock(method, path, headers, body, query_params)
        finally:
            caller.reset(tokens[0])
            role.reset(tokens[1])
        return status, headers, as_answered(answer) if form.get("Action") == "GetTemplate" else answer

    return handle


def clear():
    _roles.clear()


def install():
    act_as_role()
    read_parameters_as_caller()
