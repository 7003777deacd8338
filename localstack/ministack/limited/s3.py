"""S3 in MiniStack: a missing object is 404 only for who may list the bucket.

"If the object you request doesn't exist, the error that Amazon S3 returns depends on whether you also have the
s3:ListBucket permission": with it 404 (`NoSuchKey`), without it 403 (`AccessDenied`), of GetObject and of HeadObject alike:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html.
"""

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import s3

from limits.settings import settings

DENIED = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'


def is_missing_object(method, path, result):
    """Whether the answer says that there is no such object, in a bucket that there is."""
    status, _, body = result
    key = path.lstrip("/").partition("/")[2]
    return status == 404 and method in ("GET", "HEAD") and key != "" and (method == "HEAD" or b"<Code>NoSuchKey</Code>" in body)


def may_list(headers, query_params, bucket):
    key_id = extract_access_key_id(headers, query_params)
    return iam_evaluator.enforce(key_id, "s3:ListBucket", "s3", get_region(), f"arn:aws:s3:::{bucket}") is None


def limited(stock):
    """S3's handler; the path of each request begins with its bucket."""

    async def handle(method, path, headers, body, query_params):
        result = await stock(method, path, headers, body, query_params)
        if not app.AUTH or not settings.missing_object_denied or not is_missing_object(method, path, result):
            return result
        bucket = path.lstrip("/").partition("/")[0]
        if bucket not in s3._buckets or may_list(headers, query_params, bucket):
            return result
        return 403, {"Content-Type": "application/xml"}, b"" if method == "HEAD" else DENIED

    return handle
