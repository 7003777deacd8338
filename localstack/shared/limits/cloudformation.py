"""CloudFormation: what `GetTemplate` makes of a template.

It gives `?` for every character that is not ASCII: "GetTemplate API does not support non-ASCII characters", in
aws-cloudformation/cloudformation-coverage-roadmap. `cdk diff` therefore compares templates with such characters taken for `?`.

60 dynamic references a template ("you can include up to 60 dynamic references in a stack template",
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html) MiniStack counts itself.
"""

import re

from limits.settings import settings

TEMPLATE = re.compile(rb"<TemplateBody>.*?</TemplateBody>", re.DOTALL)


def as_answered(body):
    """The body of an answer to GetTemplate, as AWS gives it."""
    if not settings.template_ascii:
        return body
    return TEMPLATE.sub(lambda found: found[0].decode(errors="replace").encode("ascii", "replace"), body)
