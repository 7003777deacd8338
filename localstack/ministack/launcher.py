"""Runs MiniStack for Tenon: on loopback, in a folder of its own, for exactly as long as its parent lives.

Arguments: one JSON object with `ric` (path of aws-lambda-ric's index.mjs), `node` (path of the Node binary),
`auth` (whether IAM is enforced) and `port` (0: a free one). The root's key is in the environment (`guard.py`).
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
        "_invoke_with_response_stream": ["name", "event", "headers", "path_qualifier", "query_params"],
        "_es_encode_message": ["headers", "payload"],
        "_resolve_layer_zip": ["attachment"],
        "_xray_trace_id_for_invocation": ["config", "inbound_trace_header"],
    },
    "ministack.services.cloudformation.provisioners": {"s3_bucket_name_conflict": ["name"]},
    "ministack.core.iam_actions": {"dynamodb_service_context": ["body"]},
    "ministack.core.iam_evaluator": {
        "enforce": ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"],
        "is_root_access_key": ["access_key_id"],
        "find_iam_access_key_account": ["access_key_id"],
        "resolve_credential": ["access_key_id", "account_id", "session_token"],
    },
    "ministack.core.responses": {"_account_from_sts_session": ["access_key_id"]},
    "ministack.services.iam": {"_gen_session_access_key": [], "_gen_secret": [], "_gen_session_token": []},
    "ministack.services.sts": {"register_session": ["access_key", "session"]},
    "ministack.app": {"pin_request_origin": ["source_ip", "secure_transport"]},
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
    import memory
    import node_worker
    import response_stream

    shape = {"files": confinement.configure(options["node"], options["ric"], life.folder), "memory": memory.configure()}
    node_worker.install(port)
    response_stream.install()
    cfn_gaps.install()
    iam_gaps.install()
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
