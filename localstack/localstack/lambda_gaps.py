"""What Tenon's stacks need of Lambda, and LocalStack 4.14.0 takes and leaves out."""

from localstack.services.cloudformation.resource_provider import OperationStatus
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.resource_providers.aws_lambda_function import LambdaFunctionProvider


def name_log_groups():
    """A LoggingConfig names the log group."""
    stock = ExecutionEnvironment.get_log_group_name

    def get_log_group_name(self):
        return (self.function_version.config.logging_config or {}).get("LogGroup") or stock(self)

    ExecutionEnvironment.get_log_group_name = get_log_group_name


def reserve_concurrency():
    """ReservedConcurrentExecutions of a template."""

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


def install():
    name_log_groups()
    reserve_concurrency()
