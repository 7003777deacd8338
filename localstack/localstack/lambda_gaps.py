"""What Tenon's stacks need of Lambda, and LocalStack 4.14.0 takes and leaves out."""

from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment


def name_log_groups():
    """A LoggingConfig names the log group."""
    stock = ExecutionEnvironment.get_log_group_name

    def get_log_group_name(self):
        return (self.function_version.config.logging_config or {}).get("LogGroup") or stock(self)

    ExecutionEnvironment.get_log_group_name = get_log_group_name


def install():
    name_log_groups()
