"""The lines that Lambda adds to what a function prints, as AWS writes them; in JSON at level WARN there are none."""


def platform_lines(logging, request_id, version, memory, milliseconds):
    """START, END and REPORT of one invocation, by the function's LoggingConfig; its memory is in MB."""
    if logging.get("LogFormat") == "JSON" and logging.get("SystemLogLevel") == "WARN":
        return []
    return [
        f"START RequestId: {request_id} Version: {version}",
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {int(milliseconds) + 1} ms"
        f"\tMemory Size: {memory} MB\tMax Memory Used: {memory} MB\t",
    ]
