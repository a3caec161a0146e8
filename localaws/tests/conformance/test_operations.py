"""Every operation, with the good request of its case and with what AWS refuses."""

import pytest

from .case import TAGS
from .offered import CASES, OFFERED, each
from .world import ACCOUNT, allow, service_model

pytestmark = pytest.mark.docker
MODEL = service_model()
WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


def denial(keys, action, resource):
    user = f"arn:aws:iam::{ACCOUNT}:user/{keys['UserName']}"
    words = f"User: {user} is not authorized to perform: {action} on resource: {resource}"
    return "AccessDeniedException", f"{words} because no identity-based policy allows the {action} action", 400


def refusal(answer):
    return answer.code, answer.message, answer.status


@each(CASES)
def test_good(world, case):
    answer = world.call(case.operation, case.request(world))
    assert refusal(answer) == ("", "", 200)
    omitted = {f"result.{name}: missing" for name in case.omitted}
    assert set(MODEL.check_output(case.operation, answer.result)) <= omitted


@each([case for case in CASES if case.missing])
def test_missing(world, case):
    refused = case.missing(world)
    request = case.request(world) | refused.changes
    answer = world.call(case.operation, {name: value for name, value in request.items() if value is not None})
    assert refusal(answer) == (refused.code, refused.message, 400)


@each(CASES)
def test_invalid(world, case):
    answer = world.call(case.operation, case.request(world) | case.invalid.changes)
    assert (answer.code, answer.status) == ("ValidationException", 400)
    assert answer.message.startswith("1 validation error detected: Value ")
    assert f" at '{case.invalid.member}' failed to satisfy constraint: Member must " in answer.message


@each([case for case in CASES if case.pages])
def test_pages(world, case):
    names, request, pages = case.pages.made(world), case.request(world), []
    token = {}
    while not pages or token:
        answer = world.call(case.operation, {**request, "MaxResults": 1, **token})
        assert (answer.code, MODEL.check_output(case.operation, answer.result)) == ("", [])
        pages.append([entry[case.pages.name] for entry in answer.result[case.pages.member]])
        token = {"NextToken": answer.result["NextToken"]} if "NextToken" in answer.result else {}
        assert len(pages) <= len(names)
    assert sorted(pages) == [[name] for name in sorted(names)]


@each([case for case in CASES if case.pages])
def test_pages_foreign_token(world, case):
    request = case.request(world)
    token = world.call(case.operation, {**request, "MaxResults": 1}).result["NextToken"]
    for wrong in ({"NextToken": token, "SortOrder": "Ascending"}, {"NextToken": "Zm9yZWlnbg=="}):
        assert world.call(case.operation, {**request, "MaxResults": 1, **wrong}).code == "ValidationException"


@each([case for case in CASES if case.tagged and "ListTags" in OFFERED])
def test_tags(world, case):
    answer = world.call(case.operation, case.request(world) | {"Tags": TAGS})
    tags = world.call("ListTags", {"ResourceArn": answer.result[case.tagged]})
    assert tags.result["Tags"] == TAGS


@each(CASES)
def test_denied(world, case):
    request, keys = case.request(world), world.user()
    answer = world.call(case.operation, request, keys)
    assert refusal(answer) == denial(keys, f"sagemaker:{case.operation}", case.arn(request))


@each([case for case in CASES if case.resource])
def test_denied_on_another_resource(world, case):
    request = case.request(world)
    other = f"{case.arn(request).rpartition('/')[0]}/other-*"
    keys = world.user(allow(f"sagemaker:{case.operation}", other), allow("iam:PassRole"))
    answer = world.call(case.operation, request, keys)
    assert refusal(answer) == denial(keys, f"sagemaker:{case.operation}", case.arn(request))


@each([case for case in CASES if case.role])
def test_denied_to_pass_the_role(world, case):
    keys = world.user(allow("sagemaker:*"), allow("iam:PassRole", f"{world.role}-other"))
    answer = world.call(case.operation, case.request(world), keys)
    assert refusal(answer) == denial(keys, "iam:PassRole", world.role)


@each([case for case in CASES if case.tagged])
def test_denied_to_add_tags(world, case):
    request = case.request(world)
    keys = world.user(allow(f"sagemaker:{case.operation}"), allow("iam:PassRole"))
    answer = world.call(case.operation, request, keys)
    assert refusal(answer) == denial(keys, "sagemaker:AddTags", case.arn(request))


@each([case for case in CASES if case.conditional])
def test_denied_by_a_condition(world, case):
    request = case.request(world)
    action = f"sagemaker:{case.operation}"
    # A package's image and data are looked up with the caller's permissions.
    needed = ["iam:PassRole", "ecr:*", "s3:*", *(["sagemaker:AddTags"] if case.tagged else [])]
    statements = [allow(name) for name in needed]
    keys = world.user(allow(action, Condition=case.conditional.condition), *statements)
    answer = world.call(case.operation, request | case.conditional.broken, keys)
    assert refusal(answer) == denial(keys, action, case.arn(request))
    assert refusal(world.call(case.operation, request, keys)) == ("", "", 200)


@each(CASES)
def test_unsigned(world, case):
    answer = world.unsigned(case.operation, case.request(world))
    assert (answer.code, answer.message) == ("MissingAuthenticationTokenException", "Missing Authentication Token")


@each(CASES)
def test_signed_with_a_wrong_key(world, case):
    request, root = case.request(world), world.server.configuration
    wrong = {"AccessKeyId": root.access_key, "SecretAccessKey": root.secret_key[::-1]}
    answer = world.call(case.operation, request, wrong)
    assert (answer.code, answer.message) == ("InvalidSignatureException", WRONG_SIGNATURE)


@pytest.mark.parametrize("key", ["AKIAIOSFODNN7EXAMPLE", "test", ACCOUNT, "123456789012"])
def test_signed_with_a_key_that_nobody_has(world, key):
    unknown = {"AccessKeyId": key, "SecretAccessKey": "test"}
    answer = world.call("ListTrainingJobs", {}, unknown)
    message = "The security token included in the request is invalid."
    assert (answer.code, answer.message) == ("UnrecognizedClientException", message)


def test_an_operation_that_is_not_offered(world):
    assert "CreateAutoMLJobV2" in MODEL.operations - OFFERED
    answer = world.unknown("CreateAutoMLJobV2")
    assert refusal(answer) == ("UnknownOperationException", "localaws does not offer CreateAutoMLJobV2", 400)


def test_an_operation_that_does_not_exist(world):
    assert world.unknown("BrewCoffee").result == {"__type": "UnknownOperationException"}
