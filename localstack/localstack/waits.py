"""How long LocalStack 4.14.0 waits between two looks. None of it changes what happens, only when."""

import functools

from localstack.services.cloudformation.resource_provider import ResourceProviderExecutor
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller

RESOURCE_SECONDS = 0.1  # a second, for each function and table of a stack
QUEUE_SECONDS = 1  # a mapping that was deleted ends after it


def look_often_at_resources():
    stock = ResourceProviderExecutor.deploy_loop
    ResourceProviderExecutor.deploy_loop = functools.partialmethod(stock, sleep_time=RESOURCE_SECONDS)


def wait_on_queues():
    """An event source asks its queue again and again, ever less often. Lambda waits on it."""
    stock = SqsPoller._register_client_hooks

    def wait(params, **_):
        if not params.get("WaitTimeSeconds"):
            params["WaitTimeSeconds"] = QUEUE_SECONDS

    def register_client_hooks(self):
        stock(self)
        self.source_client.meta.events.register("provide-client-params.sqs.ReceiveMessage", wait)

    SqsPoller._register_client_hooks = register_client_hooks


def install():
    look_often_at_resources()
    wait_on_queues()
