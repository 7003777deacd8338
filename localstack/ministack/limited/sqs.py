"""SQS in MiniStack: what its FIFO queues take, deleted names, and what event sources ask (`limits/sqs.py` has the sources)."""

from ministack.services import sqs
from ministack.services.cloudformation import provisioners
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

from limits import sqs as limits
from meter import meter

QUEUE = "AWS::SQS::Queue"


def is_high_throughput(url):
    queue = sqs._queues.get(url) or {}
    return (queue.get("attributes") or {}).get("FifoThroughputLimit") == "perMessageGroupId"


def check(call):
    limits.check(call, is_high_throughput)


def refuse_deleted_name(name):
    message = limits.recently_deleted(name)
    if message:
        raise sqs._Err("QueueDeletedRecently", message)


def keep_deleted_names():
    """For requests, and for stacks, which make and delete queues without one."""
    create, delete = sqs._HANDLERS["CreateQueue"], sqs._HANDLERS["DeleteQueue"]

    def create_queue(data, url):
        refuse_deleted_name(data.get("QueueName", ""))
        return create(data, url)

    def delete_queue(data, url):
        name = sqs._get_q(data.get("QueueUrl", url))["name"]
        done = delete(data, url)
        limits.note_deletion(name)
        return done

    sqs._HANDLERS.update(CreateQueue=create_queue, DeleteQueue=delete_queue)
    stock = _RESOURCE_HANDLERS[QUEUE]

    def create_of_stack(logical_id, props, stack_name):
        name, _ = provisioners._sqs_queue_name(props, stack_name, logical_id)
        message = limits.recently_deleted(name)
        if message:
            handler = f'Resource handler returned message: "{message} (Service: Sqs, Status Code: 400)"'
            raise ValueError(f"{handler} (HandlerErrorCode: GeneralServiceException)")
        return stock["create"](logical_id, props, stack_name)

    def delete_of_stack(physical_id, props):
        queue = sqs._queues.get(physical_id)
        stock["delete"](physical_id, props)
        if queue:
            limits.note_deletion(queue["name"])

    _RESOURCE_HANDLERS[QUEUE] = {**stock, "create": create_of_stack, "delete": delete_of_stack}


def count_polls():
    receive, delete = sqs._receive_messages_for_esm, sqs._delete_messages_for_esm

    def receive_messages_for_esm(queue_url, max_number):
        messages = receive(queue_url, max_number)
        meter.poll("receives" if messages else "emptyReceives")
        return messages

    def delete_messages_for_esm(queue_url, receipt_handles):
        if receipt_handles:
            meter.poll("deletes")
        return delete(queue_url, receipt_handles)

    sqs._receive_messages_for_esm, sqs._delete_messages_for_esm = receive_messages_for_esm, delete_messages_for_esm


def install():
    keep_deleted_names()
    count_polls()
