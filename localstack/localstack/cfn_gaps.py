"""What Tenon's stacks need of CloudFormation, and LocalStack 4.14.0 leaves out or adds."""

from localstack.services.cloudformation.resource_provider import OperationStatus
from localstack.services.cloudformation.v2.provider import CloudformationProviderV2
from localstack.services.lambda_.resource_providers.aws_lambda_function import LambdaFunctionProvider


def reserve_concurrency():
    """ReservedConcurrentExecutions of a function."""

    def wrapped(stock):
        def make(self, request):
            progress = stock(self, request)
            if progress.status != OperationStatus.SUCCESS:
                return progress
            client, name = request.aws_client_factory.lambda_, progress.resource_model["FunctionName"]
            wanted, had = (
                (state or {}).get("ReservedConcurrentExecutions") for state in (request.desired_state, request.previous_state)
            )
            if wanted is not None:
                client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(wanted))
            elif had is not None:
                client.delete_function_concurrency(FunctionName=name)
            return progress

        return make

    LambdaFunctionProvider.create = wrapped(LambdaFunctionProvider.create)
    LambdaFunctionProvider.update = wrapped(LambdaFunctionProvider.update)


def list_no_deleted_stacks():
    """Those that were deleted are described by their id only."""
    stock = CloudformationProviderV2.describe_stacks

    def describe_stacks(self, context, stack_name=None, next_token=None, **kwargs):
        found = stock(self, context, stack_name=stack_name, next_token=next_token, **kwargs)
        if not stack_name:
            found["Stacks"] = [stack for stack in found["Stacks"] if stack["StackStatus"] != "DELETE_COMPLETE"]
        return found

    CloudformationProviderV2.describe_stacks = describe_stacks


def install():
    reserve_concurrency()
    list_no_deleted_stacks()
