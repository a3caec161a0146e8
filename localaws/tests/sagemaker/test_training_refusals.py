"""What CreateTrainingJob refuses, with AWS's codes and words."""

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from ..server import EVERYTHING, TRUST, training_script

UNSIGNED_CONFIG = Config(signature_version=UNSIGNED)
pytestmark = pytest.mark.docker


def refusal(server, request: dict, keys: dict[str, str] | None = None) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        server.client("sagemaker", keys=keys).create_training_job(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def request(name: str, role: str, image: str, uri: str = "", **changes) -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    return training_script(name, role, image, "true", **({"InputDataConfig": [channel]} if uri else {}), **changes)


def test_a_role_that_does_not_exist(server, image, name):
    role = "arn:aws:iam::000000000000:role/nobody"
    assert refusal(server, request(name, role, image)) == (
        "ValidationException",
        (
            f"Could not assume role {role}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        ),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Effect": "Deny"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}},
        {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:processing-job/*"}}},
    ],
)
def test_a_role_that_does_not_trust_sagemaker(server, image, name, change):
    statement = {**TRUST["Statement"][0], **change}
    role = server.role(f"untrusting-{name}", trust={**TRUST, "Statement": [statement]})
    code, message = refusal(server, request(name, role, image))
    assert code == "ValidationException"
    assert message.startswith(f"Could not assume role {role}.")


def test_a_role_whose_trust_names_account_and_job_is_assumed(server, image, name):
    condition = {
        "StringEquals": {"aws:SourceAccount": "000000000000"},
        "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:training-job/*"},
    }
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Condition": condition}]}
    role = server.role(f"trusting-{name}", trust=trust)
    server.client("sagemaker").create_training_job(**request(name, role, image))
    assert server.wait("Training", name)["TrainingJobStatus"] == "Completed"


def test_a_role_that_may_not_be_passed(server, role, image, name):
    allowed = [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]
    keys = server.user(f"user-{name}", allowed)
    user = f"arn:aws:iam::000000000000:user/user-{name}"
    assert refusal(server, request(name, role, image), keys) == (
        "AccessDeniedException",
        (
            f"User: {user} is not authorized to perform: iam:PassRole on resource: {role} because no identity-based "
            "policy allows the iam:PassRole action"
        ),
    )


def test_a_role_may_be_passed_to_sagemaker_alone(server, role, image, name):
    passing = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    }
    keys = server.user(f"user-{name}", [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}, passing])
    server.client("sagemaker", keys=keys).create_training_job(**request(name, role, image))
    passing["Condition"]["StringEquals"]["iam:PassedToService"] = "lambda.amazonaws.com"
    other = server.user(f"other-{name}", [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}, passing])
    assert refusal(server, request(f"{name}-2", role, image), other)[0] == "AccessDeniedException"


def test_a_role_of_another_account(server, image, name):
    role = "arn:aws:iam::111111111111:role/jobs"
    assert refusal(server, request(name, role, image)) == (
        "ValidationException",
        "RoleArn: Cross-account pass role is not allowed.",
    )


def test_a_condition_on_the_instance_type(server, role, image, name):
    small = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
    allowed = [
        {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": "*", "Condition": small},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
    ]
    keys = server.user(f"user-{name}", allowed)
    server.client("sagemaker", keys=keys).create_training_job(**request(name, role, image))
    large = {"InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    code, message = refusal(server, request(f"{name}-2", role, image, ResourceConfig=large), keys)
    assert code == "AccessDeniedException"
    assert (
        f"sagemaker:CreateTrainingJob on resource: arn:aws:sagemaker:us-east-1:000000000000:training-job/{name}-2"
        in message
    )


def test_tags_need_a_permission_of_their_own(server, role, image, name):
    allowed = [{"Effect": "Allow", "Action": ["sagemaker:CreateTrainingJob", "iam:PassRole"], "Resource": "*"}]
    keys = server.user(f"user-{name}", allowed)
    code, message = refusal(server, request(name, role, image, Tags=[{"Key": "a", "Value": "b"}]), keys)
    assert code == "AccessDeniedException"
    assert "sagemaker:AddTags" in message


def test_a_repository_that_does_not_exist(server, role, image, name):
    code, message = refusal(server, request(name, role, image.replace("/base:", "/nothing:")))
    assert code == "ValidationException"
    assert message.startswith("Cannot find repository: nothing in registry ID: 000000000000 Please check if your ECR")


def test_a_tag_that_does_not_exist(server, role, image, name):
    code, message = refusal(server, request(name, role, image.replace(":1", ":2")))
    assert code == "ValidationException"
    assert message.startswith("Cannot find the requested image: base:2 in registry ID: 000000000000")


def test_a_role_that_may_not_pull(server, image, name):
    role = server.role(f"no-pull-{name}", [{**EVERYTHING[0], "Action": ["s3:*", "logs:*"]}])
    code, message = refusal(server, request(name, role, image))
    assert code == "ValidationException"
    assert message.startswith("Access denied for repository: base in registry ID: 000000000000.")


def test_a_prefix_without_objects(server, role, image, name):
    code, message = refusal(server, request(name, role, image, "s3://data/nothing/here"))
    assert code == "ValidationException"
    assert message == (
        'No S3 objects found under S3 URL "s3://data/nothing/here" given in input data source. Please ensure that the '
        "bucket exists in the selected region (us-east-1), that objects exist under that S3 prefix, and that the role "
        f'"{role}" has "s3:ListBucket" permissions on bucket "data".'
    )


def test_a_bucket_that_does_not_exist(server, role, image, name):
    code, message = refusal(server, request(name, role, image, "s3://no-such-bucket/x"))
    assert code == "ValidationException"
    assert message.endswith("Error message from S3: The specified bucket does not exist")


def test_a_prefix_that_the_role_may_not_list(server, image, name):
    role = server.role(f"no-list-{name}", [{**EVERYTHING[0], "Action": ["ecr:*", "s3:GetObject"]}])
    server.client("s3").put_object(Bucket="data", Key=f"{name}/x", Body=b"x")
    code, message = refusal(server, request(name, role, image, f"s3://data/{name}"))
    assert code == "ValidationException"
    assert "s3:ListBucket" in message
    assert "Error message from S3: " in message


def test_a_bucket_in_another_region(server, role, image, name):
    west = server.client("s3", region="eu-west-1")
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    west.put_object(Bucket=name, Key="x", Body=b"x")
    code, message = refusal(server, request(name, role, image, f"s3://{name}/x"))
    assert code == "ValidationException"
    assert "The bucket is in this region: eu-west-1. Please use this region to retry the request" in message


def test_an_output_that_the_role_may_not_write(server, image, name):
    role = server.role(f"no-put-{name}", [{**EVERYTHING[0], "Action": ["ecr:*", "logs:*", "s3:Get*", "s3:List*"]}])
    server.client("sagemaker").create_training_job(**request(name, role, image))
    job = server.wait("Training", name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed:Error 7: AccessDenied (403): ")


def test_objects_that_the_role_may_not_read(server, image, name):
    role = server.role(f"no-get-{name}", [{**EVERYTHING[0], "Action": ["ecr:*", "logs:*", "s3:List*"]}])
    server.client("s3").put_object(Bucket="data", Key=f"{name}/x", Body=b"x")
    server.client("sagemaker").create_training_job(**request(name, role, image, f"s3://data/{name}"))
    job = server.wait("Training", name)
    assert job["FailureReason"].startswith("ClientError: Data download failed:")
    assert "AccessDenied" in job["FailureReason"]


def test_an_argument_of_300_characters(server, role, image, name):
    wrong = request(name, role, image)
    wrong["AlgorithmSpecification"]["ContainerArguments"] = ["x" * 300]
    code, message = refusal(server, wrong)
    assert code == "ValidationException"
    assert "'algorithmSpecification.containerArguments' failed to satisfy constraint" in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ResourceConfig": None}, "Value null at 'resourceConfig' failed"),
        ({"AlgorithmSpecification": None}, "Value null at 'algorithmSpecification' failed"),
        ({"ResourceConfig": {"InstanceCount": 1}}, "Value null at 'resourceConfig.instanceType' failed"),
        ({"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 0}}, "Value '0' at 'resourceConfig.inst"),
        (
            {
                "ResourceConfig": {
                    "InstanceGroups": [{"InstanceGroupName": "a", "InstanceType": "ml.m5.large", "InstanceCount": 1}]
                }
            },
            "localaws does not offer InstanceGroups",
        ),
    ],
)
def test_members_that_the_model_calls_optional(server, role, image, name, changes, words):
    wrong = {key: value for key, value in {**request(name, role, image), **changes}.items() if value is not None}
    code, message = refusal(server, wrong)
    assert code == "ValidationException"
    assert words in message


def test_a_training_needs_neither_a_volume_nor_a_stopping_condition(server, role, image, name):
    least = request(name, role, image, ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1})
    del least["StoppingCondition"]
    server.client("sagemaker").create_training_job(**least)
    assert server.wait("Training", name)["TrainingJobStatus"] == "Completed"


def test_two_mistakes_are_both_named(server, role, image, name):
    wrong = request("x" * 64, role, image, StoppingCondition={"MaxRuntimeInSeconds": 10**9})
    assert refusal(server, wrong)[1].startswith("2 validation errors detected: ")


def test_a_name_in_use(server, role, image, name):
    server.client("sagemaker").create_training_job(**request(name, role, image))
    assert refusal(server, request(name, role, image)) == (
        "ResourceInUse",
        (
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists (arn:aws:sagemaker:us-east-1:000000000000:training-job/{name})"
        ),
    )
    assert server.client("sagemaker", region="eu-west-1").list_training_jobs()["TrainingJobSummaries"] == []


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"MaxRuntimeInSeconds": 60}, "It must be present and be greater than or equal to MaxRuntimeInSeconds"),
        ({"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}, "It must be present and be greater than or equal"),
    ],
)
def test_a_spot_training_needs_a_waiting_time(server, role, image, name, condition, words):
    wrong = request(name, role, image, EnableManagedSpotTraining=True, StoppingCondition=condition)
    assert words in refusal(server, wrong)[1]


@pytest.mark.parametrize("key", ["AKIANOBODYNOBODYNOBO", "test", "000000000000", "111111111111"])
def test_keys_that_nobody_has(server, role, image, name, key):
    keys = {"AccessKeyId": key, "SecretAccessKey": "test"}
    assert refusal(server, request(name, role, image), keys)[0] == "UnrecognizedClientException"
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        server.client("s3", keys=keys).list_buckets()


def test_a_key_with_another_secret(server, role, image, name):
    root = {"AccessKeyId": server.configuration.access_key, "SecretAccessKey": "wrong"}
    assert refusal(server, request(name, role, image), root)[0] == "InvalidSignatureException"
    user = {**server.user(f"user-{name}", EVERYTHING), "SecretAccessKey": "wrong"}
    assert refusal(server, request(name, role, image), user)[0] == "InvalidSignatureException"


def test_a_request_without_a_signature(server):
    unsigned = boto3.client("sagemaker", endpoint_url=server.url, region_name="us-east-1", config=UNSIGNED_CONFIG)
    with pytest.raises(ClientError) as refused:
        unsigned.list_training_jobs()
    assert refused.value.response["Error"]["Code"] == "MissingAuthenticationTokenException"
