"""Event sources of SQS queues, which LocalStack 4.14.0 asks again and again, ever less often. Lambda waits on them."""

from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller

WAIT_SECONDS = 1  # a mapping that was deleted ends after the wait


def wait_for_messages(params, **_):
    if not params.get("WaitTimeSeconds"):
        params["WaitTimeSeconds"] = WAIT_SECONDS


def install():
    stock = SqsPoller._register_client_hooks

    def register_client_hooks(self):
        stock(self)
        self.source_client.meta.events.register("provide-client-params.sqs.ReceiveMessage", wait_for_messages)

    SqsPoller._register_client_hooks = register_client_hooks
