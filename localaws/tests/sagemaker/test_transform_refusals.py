from typing import Any

import pytest

from ..server import Server
from ..serving_image import IMAGE, create_model, offer_model, put_objects, transform

pytestmark = pytest.mark.docker

ARN = "arn:aws:sagemaker:us-east-1:000000000000"
CSV = {"ContentType": "text/csv", "SplitType": "Line"}


@pytest.fixture(scope="module")
def server(server, serving_image) -> Server:
    put_objects(offer_model(server, serving_image), "in", {"a": b"1"})
    return server


def refusal(server: Server, operation: str, keys: dict[str, str] | None = None, **params: Any) -> tuple[str, str]:
    """Return code and message of a request that is refused."""
    client = server.client("sagemaker", keys=keys)
    with pytest.raises(client.exceptions.ClientError) as caught:
        getattr(client, operation)(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def create_refused(
    server: Server, name: str, model: str = "echo", source: str = "s3://data/in/", **changes: Any
) -> str:
    """Return the message of a CreateTransformJob that is refused with a ValidationException."""
    code, message = refusal(server, "create_transform_job", **transform(name, model, source, **changes))
    assert code == "ValidationException"
    assert server.client("sagemaker").list_transform_jobs(NameContains=name)["TransformJobSummaries"] == []
    return message


def test_a_job_that_is_not_there_is_refused(server):
    code, message = refusal(server, "describe_transform_job", TransformJobName="no")
    assert (code, message) == ("ValidationException", "Could not find requested job with name: no")
    code, message = refusal(server, "stop_transform_job", TransformJobName="no")
    assert (code, message) == ("ValidationException", "Could not find job to update with name: no")


def test_a_model_that_is_not_there_is_refused(server, name):
    assert create_refused(server, name, "no") == f'Could not find model "{ARN}:model/no".'


def test_a_model_with_several_containers_is_refused(server, name):
    role = "arn:aws:iam::000000000000:role/jobs"
    containers = [{"Image": IMAGE}, {"Image": IMAGE}]
    server.client("sagemaker").create_model(ModelName=name, Containers=containers, ExecutionRoleArn=role)
    assert "inference pipelines" in create_refused(server, f"{name}-job", name)


def test_a_role_that_sagemaker_may_not_assume_is_refused(server, name):
    role = server.role(name)
    create_model(server, name, role=name)
    iam = server.client("iam")
    iam.delete_role_policy(RoleName=name, PolicyName="policy")
    iam.delete_role(RoleName=name)
    message = create_refused(server, f"{name}-job", name)
    assert message.startswith(f"Could not assume role {role}. Please ensure")


def test_an_input_without_objects_is_refused(server, name):
    message = create_refused(server, name, source="s3://data/nothing/")
    assert message.startswith('No S3 objects found under S3 URL "s3://data/nothing/" given in input data source.')
    assert "The specified bucket does not exist" in create_refused(server, name, source="s3://no-bucket/in")


@pytest.mark.parametrize(
    "changes",
    [
        {"MaxPayloadInMB": 101},
        {"MaxPayloadInMB": 26, "MaxConcurrentTransforms": 4},
        {"MaxConcurrentTransforms": 17},
        {"DataCaptureConfig": {"DestinationS3Uri": "s3://data/capture"}},
        {"DataProcessing": {"JoinSource": "Input"}},
        {"DataProcessing": {"InputFilter": "$..x"}, "TransformInput": CSV},
        {
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://a/b"}}
            }
        },
        {"Tags": [{"Key": "aws:x", "Value": "1"}]},
    ],
)
def test_what_is_wrong_or_not_offered_is_refused(server, name, changes):
    assert create_refused(server, name, **changes)


def test_names_are_unique_and_jobs_are_listed(server, name):
    sagemaker = server.client("sagemaker")
    sagemaker.create_transform_job(**transform(name, "echo", "s3://data/in/"))
    code, message = refusal(server, "create_transform_job", **transform(name, "echo", "s3://data/in/"))
    arn = f"{ARN}:transform-job/{name}"
    assert (code, message) == (
        "ResourceInUse",
        f"Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})",
    )
    server.wait("Transform", name)
    (found,) = sagemaker.list_transform_jobs(NameContains=name, StatusEquals="Completed")["TransformJobSummaries"]
    assert (found["TransformJobName"], found["TransformJobArn"]) == (name, arn)
    assert found["CreationTime"] <= found["TransformEndTime"] <= found["LastModifiedTime"]


def test_policies_may_name_the_model_and_the_instances(server, name):
    conditions = {
        "StringEquals": {"sagemaker:ModelArn": f"{ARN}:model/echo"},
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]},
    }
    action = "sagemaker:CreateTransformJob"
    keys = server.user(name, [{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": conditions}])
    request = transform(name, "echo", "s3://data/in/")
    server.client("sagemaker", keys=keys).create_transform_job(**request)
    large = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}
    for changes in ({"ModelName": "other"}, {"TransformResources": large}):
        code, message = refusal(server, "create_transform_job", keys, **{**request, **changes})
        assert code == "AccessDeniedException"
        assert f"is not authorized to perform: {action} on resource: {ARN}:transform-job/{name}" in message
    server.wait("Transform", name)
