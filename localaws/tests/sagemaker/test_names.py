import pytest
from localaws.api import Request
from localaws.base import Caller
from localaws.sagemaker.names import named_arn, resource_name

ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/g/1"
REQUEST = Request("DescribeModelPackage", {}, Caller("AKIA", "", "000000000000", "us-east-1"))


@pytest.mark.parametrize("text", ["g/1", ARN])
def test_a_resource_is_named_by_name_or_arn(text):
    assert resource_name(REQUEST, "model-package", text) == "g/1"
    assert named_arn(REQUEST, "model-package", text) == ARN


@pytest.mark.parametrize("arn", [
    ARN.replace("000000000000", "111111111111"),
    ARN.replace("us-east-1", "eu-west-1"),
    ARN.replace("arn:aws:", "arn:aws-cn:"),
    ARN.replace("model-package", "model-package-group"),
    ARN.partition("g/1")[0],
])  # fmt: skip
def test_an_arn_of_something_else_names_nothing(arn):
    assert resource_name(REQUEST, "model-package", arn) is None
