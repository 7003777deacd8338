"""Runs MiniStack for Tenon: on loopback, in a folder of its own, for exactly as long as its parent lives.

Arguments: one JSON object with `ric` (path of aws-lambda-ric's index.mjs), `node` (path of the Node binary),
`auth` (whether IAM is enforced), `limits` (what differs from `limits/settings.py`) and `port` (0: a free one). The root's
key is in the environment (`guard.py`).
Standard output gets one line of JSON, `{"port", "folder", "shape"}`, once connections are accepted. Standard input is held open by
the parent: when it closes, everything that was started ends.
"""

import asyncio
import json
import os
import resource
import socket
import sys
import tempfile

from guard import root_key
from life import Life, check_hooks, check_version

MINISTACK = "1.5.33"
FOLDER_PREFIX = "tenon-ministack-"

# What is called or replaced, with the parameters that it has in this version.
HOOKS = {
    "ministack.core.lambda_runtime": {
        "_worker_class_for": ["config"],
        "acquire_worker": ["func_name", "config", "code_zip", "qualifier", "max_concurrency"],
        "release_worker": ["worker"],
        "execution_credentials": ["config"],
        "_account_region_from_function_config": ["config"],
        "reset": [],
    },
    "ministack.services.lambda_svc": {
        "_ensure_reaper_thread": [],
        "_execute_function_warm": ["func", "event", "request_id"],
        "_invoke": ["name", "event", "headers", "path_qualifier", "query_params"],
        "_acquire_execution_slot": ["func", "config"],
        "_execute_function": ["func", "event"],
        "invoke_async_with_retry": ["func", "event"],
        "_emit_lambda_logs": ["func", "request_id", "log_text", "error", "duration_ms", "log_source"],
        "_invoke_with_response_stream": ["name", "event", "headers", "path_qualifier", "query_params"],
        "_es_encode_message": ["headers", "payload"],
        "_resolve_layer_zip": ["attachment"],
        "_xray_trace_id_for_invocation": ["config", "inbound_trace_header"],
    },
    "ministack.services.cloudformation.provisioners": {
        "s3_bucket_name_conflict": ["name"],
        "_sqs_queue_name": ["props", "stack_name", "logical_id"],
    },
    "ministack.services.cloudformation.stacks": {
        "_provision_resource": ["resource_type", "logical_id", "props", "stack_name"],
        "_update_resource": ["resource_type", "physical_id", "old_props", "new_props", "stack_name", "logical_id", "old_attrs"],
        "_delete_resource": ["resource_type", "physical_id", "props", "stack_name", "logical_id"],
    },
    "ministack.services.cloudformation.engine": {
        "_evaluate_conditions": ["template", "params"],
        "_resolve_dynamic_reference": ["literal"],
        "_resolve_parameters": ["template", "provided_params", "previous_params"],
    },
    "ministack.services.dynamodb": {
        "_get_item_by_key": ["table", "key"],
        "_get_attr_type": ["table", "attr_name"],
        "_index_write_units": ["table", "idx", "old_item", "new_item"],
        "_item_size_bytes": ["item"],
        "_paginate_evaluated_items": ["items", "limit", "table", "index_name"],
        "_apply_index_projection": ["item", "table", "index_name"],
        "_resolve_index_keys": ["table", "index_name"],
    },
    "ministack.services.sqs": {
        "_act_create_queue": ["data", "_u"],
        "_act_delete_queue": ["data", "qurl"],
        "_receive_messages_for_esm": ["queue_url", "max_number"],
        "_delete_messages_for_esm": ["queue_url", "receipt_handles"],
    },
    "ministack.core.iam_actions": {"dynamodb_service_context": ["body"]},
    "ministack.core.iam_evaluator": {
        "enforce": ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"],
        "is_root_access_key": ["access_key_id"],
        "find_iam_access_key_account": ["access_key_id"],
        "resolve_credential": ["access_key_id", "account_id", "session_token"],
        "_gather_role_policies": ["role_name", "account_id"],
        "evaluate": ["ctx", "policies", "limits"],
    },
    "ministack.core.responses": {"_account_from_sts_session": ["access_key_id"]},
    "ministack.services.iam": {"_gen_session_access_key": [], "_gen_secret": [], "_gen_session_token": []},
    "ministack.services.sts": {"register_session": ["access_key", "session"]},
    "ministack.app": {"pin_request_origin": ["source_ip", "secure_transport"], "_reset_all_state": []},
}


def configure(options, folder, port):
    """Sets the environment that MiniStack reads when it is imported, and takes out what would change its answers."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "LAMBDA_", "LOCALSTACK_", "MINISTACK_")):
            del os.environ[name]
    os.environ.update(
        TMPDIR=folder,
        S3_DATA_DIR=os.path.join(folder, "s3"),
        STATE_DIR=os.path.join(folder, "state"),
        BIND_HOST="127.0.0.1",
        MINISTACK_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        AUTH="true" if options["auth"] else "false",
        IOT_MTLS_ENABLED="0",  # it would listen on every interface
        LAMBDA_ASYNC_RETRY_BASE_SECONDS="0.2",  # between the attempts of an asynchronous call: a minute on AWS
        LOG_LEVEL="WARNING",
    )
    tempfile.tempdir = folder


def end_workers():
    import memory
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    memory.end_all()


def main():
    options, root = json.loads(sys.argv[1]), root_key()
    life = Life(FOLDER_PREFIX, end_workers)
    listener = socket.create_server(("127.0.0.1", options["port"]), backlog=1024)
    port = listener.getsockname()[1]
    configure(options, life.folder, port)
    check_version("ministack", MINISTACK)
    check_hooks("ministack", HOOKS)
    import cfn_gaps
    import confinement
    import guarded
    import iam_gaps
    import limited
    import memory
    import node_worker
    import response_stream

    from limits import settings

    shape = {"files": confinement.configure(options["node"], options["ric"], life.folder), "memory": memory.configure()}
    node_worker.install(port)
    response_stream.install()
    cfn_gaps.install()
    iam_gaps.install()
    settings.configure(options["limits"])
    limited.install()
    guarded.install(root)

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # bound already: no other process gets the port
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(json.dumps({"port": port, "folder": life.folder, "shape": shape}), flush=True)
    asyncio.run(serve(guarded.guarded(app, root), config))
    life.end()


if __name__ == "__main__":
    main()
