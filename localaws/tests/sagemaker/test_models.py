import hashlib
import json
import sqlite3
from contextlib import closing

import pytest

from .checked import Events, checked_client, refused

pytestmark = pytest.mark.docker

ACCOUNT = "000000000000"
DATA = "s3://data/models/model.tar.gz"


@pytest.fixture(scope="module")
def sagemaker(server):
    server.client("s3").put_object(Bucket="data", Key="models/model.tar.gz", Body=b"model")
    return checked_client(server)


@pytest.fixture
def arn(name):
    return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model/{name}"


def run_containers(server, name):
    """Return what a model's record says of its containers as they run."""
    with closing(sqlite3.connect(f"file:{server.state}/localaws.db?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT record FROM resources WHERE kind = 'model' AND name = ?", (name,)).fetchone()
    return json.loads(found[0])["_containers"]


def model(name, role, image, **changes):
    container = {"Image": image, "ModelDataUrl": DATA, "Environment": {"A": "1"}}
    return {"ModelName": name, "ExecutionRoleArn": role, "PrimaryContainer": container, **changes}


def test_a_model_is_described_listed_and_deleted_with_events(server, sagemaker, role, image, name, arn):
    events = Events(server, name, "SageMaker Model State Change")
    request = model(name, role, image, Tags=[{"Key": "team", "Value": "a"}])
    assert sagemaker.create_model(**request)["ModelArn"] == arn
    found = sagemaker.describe_model(ModelName=name)
    assert found["PrimaryContainer"] == {**request["PrimaryContainer"], "Mode": "SingleModel"}
    assert (found["ExecutionRoleArn"], found["EnableNetworkIsolation"]) == (role, False)
    listed = sagemaker.list_models(NameContains=name)["Models"]
    assert [(one["ModelName"], one["ModelArn"]) for one in listed] == [(name, arn)]
    sagemaker.delete_model(ModelName=name)
    created, deleted = events.next(), events.next()
    for event in (created, deleted):
        assert event["resources"] == [arn]
        assert event["detail"]["ModelName"] == name
        assert event["detail"]["PrimaryContainer"]["Image"] == image
        assert event["detail"]["Tags"] == {"team": "a"}
        assert isinstance(event["detail"]["CreationTime"], int)
        assert not [key for key in event["detail"] if key.startswith("_")]
    for call in (sagemaker.describe_model, sagemaker.delete_model):
        with refused() as error:
            call(ModelName=name)
        assert error.message == f'Could not find model "{arn}".'


def test_models_are_listed_in_pages_newest_first(sagemaker, role, image, name):
    names = [f"{name}-{index}" for index in range(3)]
    for one in names:
        sagemaker.create_model(**model(one, role, image))
    first = sagemaker.list_models(NameContains=name, MaxResults=2)
    rest = sagemaker.list_models(NameContains=name, MaxResults=2, NextToken=first["NextToken"])
    assert [one["ModelName"] for one in (*first["Models"], *rest["Models"])] == names[::-1]
    assert "NextToken" not in rest
    with refused():
        sagemaker.list_models(NameContains="other", NextToken=first["NextToken"])


def test_a_name_is_used_once(sagemaker, role, image, name, arn):
    sagemaker.create_model(**model(name, role, image))
    with refused() as error:
        sagemaker.create_model(**model(name, role, image))
    assert error.message == f'Cannot create already existing model "{arn}".'


def test_the_role_must_be_assumable(server, sagemaker, image, name):
    missing = f"arn:aws:iam::{ACCOUNT}:role/missing-{name}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    for one in (missing, server.role(f"untrusted-{name}", trust=trust)):
        with refused() as error:
            sagemaker.create_model(**model(name, one, image))
        assert error.message == (
            f'The execution role ARN "{one}" is invalid. Please ensure that the role exists and that its trust '
            'relationship policy allows the action "sts:AssumeRole" for the service principal '
            '"sagemaker.amazonaws.com".'
        )
    with refused():
        sagemaker.create_model(**model(name, "arn:aws:iam::111111111111:role/other", image))


def test_the_caller_must_be_allowed_to_pass_the_role(server, role, image, name):
    allow = {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*"}
    keys = server.user(f"user-{name}", [allow])
    with refused("AccessDeniedException") as error:
        checked_client(server, keys).create_model(**model(name, role, image))
    assert f"iam:PassRole on resource: {role} because no identity-based policy" in error.message


def test_the_network_of_a_model_is_a_condition(server, role, image, name):
    condition = {
        "StringEquals": {"sagemaker:NetworkIsolation": "true"},
        "ForAllValues:StringEquals": {
            "sagemaker:VpcSubnets": ["subnet-1"],
            "sagemaker:VpcSecurityGroupIds": ["sg-1"],
        },
    }
    statements = [
        {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*", "Condition": condition},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role},
    ]
    client = checked_client(server, server.user(f"user-{name}", statements))
    request = model(name, role, image, VpcConfig={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    with refused("AccessDeniedException"):
        client.create_model(**request)
    for vpc in ({"Subnets": ["subnet-2"]}, {"SecurityGroupIds": ["sg-2"]}):
        with refused("AccessDeniedException"):
            client.create_model(**request | {"EnableNetworkIsolation": True, "VpcConfig": request["VpcConfig"] | vpc})
    client.create_model(**request, EnableNetworkIsolation=True)


@pytest.mark.parametrize("repository", ["missing:1", "base:missing", "base@sha256:" + hashlib.sha256(b"").hexdigest()])
def test_the_image_must_exist(sagemaker, role, image, name, repository):
    wrong = image.replace("base:1", repository)
    with refused() as error:
        sagemaker.create_model(**model(name, role, wrong))
    assert error.message == f"Requested image {wrong} not found."


def test_the_role_must_be_allowed_to_pull_the_image(server, sagemaker, image, name):
    poor = server.role(f"poor-{name}", [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
    with refused() as error:
        sagemaker.create_model(**model(name, poor, image))
    assert error.message == (
        f"Role {poor} cannot pull {image}. Ensure that the role exists and the image was granted pull permission."
    )


def test_a_foreign_image_is_refused(sagemaker, role, name):
    with refused() as error:
        sagemaker.create_model(**model(name, role, "docker.io/library/python:3"))
    assert error.message == (
        'Using non-ECR image "docker.io/library/python:3" without Vpc repository access mode is not supported.'
    )


@pytest.mark.parametrize("source", [
    {"ModelDataUrl": "s3://data/models/missing.tar.gz"},
    {"ModelDataSource": {"S3DataSource": {
        "S3Uri": "s3://data/nothing/", "S3DataType": "S3Prefix", "CompressionType": "None"}}},
    {"ModelDataUrl": "s3://data/nothing/", "Mode": "MultiModel"},
])  # fmt: skip
def test_the_model_data_must_exist(sagemaker, role, image, name, source):
    with refused() as error:
        sagemaker.create_model(**model(name, role, image, PrimaryContainer={"Image": image, **source}))
    uri = source.get("ModelDataUrl") or source["ModelDataSource"]["S3DataSource"]["S3Uri"]
    assert error.message == f"Could not find model data at {uri}."


def test_the_role_must_be_allowed_to_read_the_model_data(server, sagemaker, image, name):
    poor = server.role(f"poor-{name}", [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}])
    with refused() as error:
        sagemaker.create_model(**model(name, poor, image))
    assert error.message.startswith(f'Could not access model data at {DATA}. Please ensure that the role "{poor}"')


def test_the_bucket_must_be_in_the_region(server, sagemaker, role, image, name):
    s3 = server.client("s3", "eu-west-1")
    s3.create_bucket(Bucket=f"far-{name}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=f"far-{name}", Key="model.tar.gz", Body=b"model")
    container = {"Image": image, "ModelDataUrl": f"s3://far-{name}/model.tar.gz"}
    with refused() as error:
        sagemaker.create_model(**model(name, role, image, PrimaryContainer=container))
    assert "that the object is located in us-east-1." in error.message


def test_uncompressed_model_data_is_accepted(sagemaker, role, image, name):
    source = {"S3Uri": "s3://data/models/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"Image": image, "ModelDataSource": {"S3DataSource": source}}
    sagemaker.create_model(**model(name, role, image, PrimaryContainer=container))
    assert sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["ModelDataSource"]["S3DataSource"] == source


def test_a_pipeline_of_containers_is_accepted(sagemaker, role, image, name):
    containers = [{"Image": image, "ContainerHostname": one} for one in ("first", "second")]
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, Containers=containers)
    found = sagemaker.describe_model(ModelName=name)
    assert [one["ContainerHostname"] for one in found["Containers"]] == ["first", "second"]
    assert found["InferenceExecutionConfig"] == {"Mode": "Serial"}


def test_a_model_has_one_kind_of_containers(sagemaker, role, image, name):
    one = {"Image": image}
    for containers in ({}, {"PrimaryContainer": one, "Containers": [one]}):
        with refused():
            sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, **containers)
    with refused():
        sagemaker.create_model(ModelName=name, PrimaryContainer=one)


def test_a_model_of_a_package_needs_an_approved_one(server, sagemaker, role, image, name):
    package = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/{name}/1"
    request = {"ModelName": name, "ExecutionRoleArn": role, "PrimaryContainer": {"ModelPackageName": package}}
    with refused() as error:
        sagemaker.create_model(**request)
    assert error.message == f"ModelPackage {package} does not exist."
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    container = {"Image": image, "ModelDataUrl": DATA, "Environment": {"A": "1"}}
    sagemaker.create_model_package(
        ModelPackageGroupName=name,
        InferenceSpecification={
            "Containers": [container], "SupportedContentTypes": ["a/b"], "SupportedResponseMIMETypes": ["a/b"],
        },
    )  # fmt: skip
    with refused():
        sagemaker.create_model(**request)
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    with refused() as error:
        primary = {"ModelPackageName": package, "Environment": {"B": "2", "C": "3"}}
        sagemaker.create_model(**request | {"PrimaryContainer": primary})
    assert error.message == (
        "Environment variable map cannot be specified both at Model Package {A=1} and Model {B=2, C=3}."
    )
    with refused():
        primary = {"ModelPackageName": package, "InferenceSpecificationName": "other"}
        sagemaker.create_model(**request | {"PrimaryContainer": primary})
    sagemaker.create_model(**request)
    found = sagemaker.describe_model(ModelName=name)["PrimaryContainer"]
    assert found == {"ModelPackageName": package, "Mode": "SingleModel"}
    (runs,) = run_containers(server, name)
    digest = sagemaker.describe_model_package(ModelPackageName=package)["InferenceSpecification"]["Containers"][0][
        "ImageDigest"
    ]
    assert runs == {
        "Image": f"{image.removesuffix(':1')}@{digest}",
        "Mode": "SingleModel",
        "ModelDataUrl": DATA,
        "Environment": {"A": "1"},
    }
