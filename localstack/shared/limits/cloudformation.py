"""CloudFormation: what `GetTemplate` makes of a template.

It gives `?` for every character that is not ASCII: "GetTemplate API does not support non-ASCII characters", in
aws-cloudformation/cloudformation-coverage-roadmap. `cdk diff` therefore compares templates with such characters taken for `?`.

60 dynamic references a template ("you can include up to 60 dynamic references in a stack template",
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html) MiniStack counts itself.
"""

import re

from limits.settings import settings

TEMPLATE = re.compile(rb"<TemplateBody>.*?</TemplateBody>", re.DOTALL)
REFERENCE = re.compile(rb"&#(?:x[0-9a-fA-F]+|[0-9]+);")


def as_answered(body):
    """The body of an answer to GetTemplate, as AWS gives it."""
    if not settings.template_ascii:
        return body
    return TEMPLATE.sub(lambda found: _ascii(found[0]), body)


def _ascii(template):
    plain = REFERENCE.sub(lambda found: found[0] if _code(found[0]) < 128 else b"?", template)
    return plain.decode(errors="replace").encode("ascii", "replace")


def _code(reference):
    digits = reference[2:-1].decode()
    return int(digits[1:], 16) if digits[0] == "x" else int(digits)
