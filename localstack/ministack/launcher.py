"""Runs MiniStack for Tenon: on loopback, in a folder of its own, for exactly as long as its parent lives.

Arguments: one JSON object with `ric` (path of aws-lambda-ric's index.mjs), `node` (path of the Node binary),
`auth` (whether IAM is enforced) and `port` (0: a free one). Standard output gets one line of JSON, `{"port", "folder"}`,
once connections are accepted. Standard input is the parent's hand: when it closes, everything that was started ends.
"""

import asyncio
import atexit
import fcntl
import inspect
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
from importlib.metadata import version

MINISTACK = "1.5.33"
FOLDER_PREFIX = "tenon-ministack-"
LOCK = "owner.lock"

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
    "ministack.core.iam_actions": {"dynamodb_service_context": ["body"]},
    "ministack.core.iam_evaluator": {
        "enforce": ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"],
    },
    "ministack.app": {"pin_request_origin": ["source_ip", "secure_transport"]},
}


def check_hooks():
    """Ends the process, naming what differs, when this is not the MiniStack that the hooks were written for."""
    if version("ministack") != MINISTACK:
        sys.exit(f"MiniStack {version('ministack')} is installed; the launcher is written for {MINISTACK}")
    changed = []
    for module, functions in HOOKS.items():
        __import__(module)
        for name, parameters in functions.items():
            function = getattr(sys.modules[module], name, None)
            if function is None or list(inspect.signature(function).parameters) != parameters:
                changed.append(f"{module}.{name}")
    if changed:
        sys.exit(f"this MiniStack {MINISTACK} does not fit the launcher, changed: {', '.join(changed)}")


def own_folder():
    """Makes the folder of this process. Its lock is held while the process lives, whatever ends it."""
    folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
    unnamed = os.path.join(folder, "lock.new")
    lock = open(unnamed, "w")  # noqa: SIM115 - open until the process ends
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(unnamed, os.path.join(folder, LOCK))  # under its name the lock is never free while its owner lives
    return folder, lock


def sweep():
    """Removes the folders of emulators that were killed before they could."""
    parent = tempfile.gettempdir()
    for name in os.listdir(parent):
        if not name.startswith(FOLDER_PREFIX):
            continue
        folder = os.path.join(parent, name)
        try:
            with open(os.path.join(folder, LOCK)) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # not locked yet, its owner lives, or somebody else's


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


def end(folder):
    """Ends the workers, removes the folder and leaves, without waiting for requests that are under way."""
    try:
        from ministack.core import lambda_runtime

        lambda_runtime.reset()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def end_with_parent(folder):
    while os.read(sys.stdin.fileno(), 4096):
        pass
    end(folder)


def main():
    options = json.loads(sys.argv[1])
    sweep()
    folder, _lock = own_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # when the start fails
    threading.Thread(target=end_with_parent, args=(folder,), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # In a thread: the interrupted one may hold the lock that ending needs.
        signal.signal(number, lambda *_: threading.Thread(target=end, args=(folder,)).start())

    listener = socket.create_server(("127.0.0.1", options["port"]), backlog=1024)
    port = listener.getsockname()[1]
    configure(options, folder, port)
    check_hooks()
    import cfn_gaps
    import iam_gaps
    import node_worker
    import response_stream

    node_worker.install(ric=options["ric"], node=options["node"], port=port)
    response_stream.install()
    cfn_gaps.install()
    iam_gaps.install()

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # bound already, so that nobody else can take the port
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(json.dumps({"port": port, "folder": folder}), flush=True)
    asyncio.run(serve(app, config))
    end(folder)


if __name__ == "__main__":
    main()
