"""Runs LocalStack for Tenon: on loopback, in a folder of its own, for exactly as long as its parent lives.

Arguments: one JSON object with `ric` (path of aws-lambda-ric's index.mjs), `node` (path of the Node binary), `java`
(home of a Java), `jars` (folder of DynamoDB Local), `limits` (what differs from `limits/settings.py`) and `port` (0: a free
one). The root's key is in the environment (`guard.py`).
Standard output gets one line of JSON, `{"port", "folder"}`, once connections are accepted. Standard input is held open by
the parent: when it closes, everything that was started ends.
"""

import json
import os
import socket
import sys
import tempfile
import threading

import guarded
from guard import root_key
from life import Life, check_hooks, check_version
from limits import settings as limits

LOCALSTACK = "4.14.0"
FOLDER_PREFIX = "tenon-localstack-"

EXECUTOR = "localstack.services.lambda_.invocation.runtime_executor"
ASSIGNMENT = "localstack.services.lambda_.invocation.assignment"
ENVIRONMENT = "localstack.services.lambda_.invocation.execution_environment"
FUNCTION = "localstack.services.lambda_.resource_providers.aws_lambda_function"
STREAM = ["self", "context", "function_name", "invocation_type", "log_type", "client_context", "qualifier", "payload", "tenant_id"]

# What is called or replaced, with the parameters that it has in this version.
HOOKS = {
    EXECUTOR: {
        "RuntimeExecutor.__init__": ["self", "id", "function_version"],
        "RuntimeExecutor.start": ["self", "env_vars"],
        "RuntimeExecutor.stop": ["self"],
        "RuntimeExecutor.invoke": ["self", "payload"],
        "RuntimeExecutor.prepare_version": ["function_version"],
    },
    ASSIGNMENT: {
        "AssignmentService.get_environment": ["self", "version_manager_id", "function_version", "provisioning_type"],
    },
    ENVIRONMENT: {"ExecutionEnvironment.get_log_group_name": ["self"]},
    "localstack.services.cloudformation.resource_provider": {
        "ResourceProviderExecutor.deploy_loop": ["self", "resource_provider", "resource", "raw_payload", "max_timeout", "sleep_time"],
    },
    "localstack.services.cloudformation.v2.provider": {
        "CloudformationProviderV2.describe_stacks": ["self", "context", "stack_name", "next_token", "kwargs"],
    },
    FUNCTION: {
        "LambdaFunctionProvider.create": ["self", "request"],
        "LambdaFunctionProvider.update": ["self", "request"],
    },
    "localstack.services.lambda_.provider": {"LambdaProvider.invoke_with_response_stream": [*STREAM, "kwargs"]},
    "localstack.services.lambda_.event_source_mapping.pollers.sqs_poller": {"SqsPoller._register_client_hooks": ["self"]},
    "localstack.services.dynamodb.server": {
        "DynamodbServer.do_start_thread": ["self"],
        "DynamodbServer.wait_for_dynamodb": ["self"],
        "DynamodbServer.get": [],
    },
    "localstack.aws.forwarder": {
        "AwsRequestProxy.__init__": ["self", "endpoint_url", "parse_response", "include_response_metadata"],
    },
    "localstack.runtime.server.core": {"RuntimeServer.register": ["self", "gateway", "listen", "ssl_creds"]},
    "localstack.runtime.current": {"initialize_runtime": []},
    "moto.sts.models": {"STSBackend.get_assumed_role_from_access_key": ["self", "access_key_id"]},
}


def configure(folder, port, settings):
    """Sets the environment that LocalStack reads when it is imported, and takes out all else: much would change its answers."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept,
        HOME=folder,  # it reads profiles there
        TMPDIR=folder,
        XDG_CACHE_HOME=os.path.join(folder, "cache"),
        FILESYSTEM_ROOT=os.path.join(folder, "root"),
        OVERRIDE_IN_DOCKER="false",
        GATEWAY_LISTEN=f"127.0.0.1:{port}",
        GATEWAY_SERVER="listener",
        LOCALSTACK_HOST=f"127.0.0.1:{port}",
        LAMBDA_RUNTIME_EXECUTOR="process",
        # It would fetch a certificate, report what is used, and serve names.
        SKIP_SSL_CERT_DOWNLOAD="1",
        DISABLE_EVENTS="1",
        DNS_ADDRESS="0",
        LS_LOG="warn",
        SQS_ENDPOINT_STRATEGY="off",  # a queue's address is the endpoint, account and name, as AWS has it
        PROVIDER_OVERRIDE_DYNAMODB="v2",
        PROVIDER_OVERRIDE_DYNAMODBSTREAMS="v2",
        # Between the attempts of an asynchronous call, a minute on AWS; whole seconds only.
        LAMBDA_RETRY_BASE_DELAY="1",
        # Between two waits on a queue.
        LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC="0.05",
        LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC="0.05",
        LAMBDA_LIMITS_CONCURRENT_EXECUTIONS=str(settings.account_concurrency or 10**6),
        SQS_DELAY_RECENTLY_DELETED="1" if settings.queue_name_seconds else "0",
    )
    tempfile.tempdir = folder


def keep_deleted_names(seconds):
    """LocalStack keeps the name of a deleted queue for a minute when it is told to (`limits/sqs.py`); here as long as said."""
    from localstack.services.sqs import constants

    constants.RECENTLY_DELETED_TIMEOUT = seconds or 0


def end_workers():
    for module in ("process_executor", "dynamodb", "memory"):
        if module in sys.modules:
            sys.modules[module].end_all()


def announce(runtime, output, said):
    runtime.ready.wait()
    os.write(output, f"{json.dumps(said)}\n".encode())
    os.close(output)


def main():
    options, root = json.loads(sys.argv[1]), root_key()
    output = os.dup(1)
    os.dup2(2, 1)  # LocalStack prints there as well
    life = Life(FOLDER_PREFIX, end_workers)
    listener = socket.create_server(("127.0.0.1", options["port"]), backlog=1024)
    port = listener.getsockname()[1]
    limits.configure(options["limits"])
    configure(life.folder, port, limits.settings)
    check_version("localstack-core", LOCALSTACK)
    guarded.own_internal_calls()
    check_hooks("localstack-core", HOOKS)
    import cfn_gaps
    import confinement
    import dynamodb
    import lambda_gaps
    import memory
    import plugins
    import process_executor
    import response_stream
    import waits

    shape = {"files": confinement.configure(options["node"], options["ric"], life.folder), "memory": memory.configure()}
    process_executor.install(port)
    dynamodb.install(java=options["java"], jars=options["jars"])
    plugins.listen_on(listener, root)
    lambda_gaps.install()
    cfn_gaps.install()
    response_stream.install()
    waits.install()
    keep_deleted_names(limits.settings.queue_name_seconds)

    from localstack.logging.setup import setup_logging_from_config
    from localstack.runtime import current

    setup_logging_from_config()
    runtime = current.initialize_runtime()
    threading.Thread(target=announce, args=(runtime, output, {"port": port, "folder": life.folder, "shape": shape}), daemon=True).start()
    runtime.run()
    life.end()


if __name__ == "__main__":
    main()
