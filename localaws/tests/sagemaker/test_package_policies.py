import json

import pytest
from localaws.errors import ValidationError
from localaws.sagemaker.model_packages.policies import check_policy

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:DescribeModelPackage", "Resource": "*"}


def without(name):
    return {key: value for key, value in STATEMENT.items() if key != name}


@pytest.mark.parametrize("policy", [
    {"Version": "2012-10-17", "Statement": [STATEMENT]},
    {"Statement": STATEMENT},
    {"Version": "2012-10-17", "Statement": [without("Action") | {"NotAction": "sagemaker:*", "Condition": {}}]},
])  # fmt: skip
def test_a_good_policy_passes(policy):
    check_policy(json.dumps(policy))


@pytest.mark.parametrize("text", [
    "no JSON",
    "[]",
    "{}",
    json.dumps({"Statement": []}),
    json.dumps({"Statement": ["text"]}),
    json.dumps({"Version": "2020-01-01", "Statement": [STATEMENT]}),
    json.dumps({"Statement": [STATEMENT | {"Effect": "Maybe"}]}),
    *(json.dumps({"Statement": [without(name)]}) for name in STATEMENT),
    json.dumps({"Statement": [STATEMENT | {"NotAction": "*"}]}),
])  # fmt: skip
def test_a_wrong_policy_is_refused(text):
    with pytest.raises(ValidationError):
        check_policy(text)
