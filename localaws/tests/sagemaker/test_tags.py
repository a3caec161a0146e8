import pytest
from localaws.errors import ValidationError
from localaws.sagemaker.tags import check_tags

from ..server import processing, training_script
from .checked import checked_client, refused

ACCOUNT = "000000000000"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def sagemaker(server):
    return checked_client(server)


def tag_list(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.mark.parametrize("keys", [["aws:a"], ["AWS:a"], ["a", "b", "a"]])
def test_reserved_and_double_keys_are_refused(keys):
    with pytest.raises(ValidationError):
        check_tags([{"Key": key, "Value": ""} for key in keys])


@pytest.fixture(scope="module")
def resources(server, sagemaker, role, image):
    """One resource of each kind, by its ARN."""
    sagemaker.create_training_job(**training_script("tagged", role, image, "true", Tags=tag_list(team="a")))
    sagemaker.create_processing_job(**processing("tagged", role, image, "true", Tags=tag_list(team="a")))
    sagemaker.create_model(
        ModelName="tagged", ExecutionRoleArn=role, PrimaryContainer={"Image": image}, Tags=tag_list(team="a")
    )
    sagemaker.create_model_package_group(ModelPackageGroupName="tagged", Tags=tag_list(team="a"))
    sagemaker.create_model_package(ModelPackageName="tagged", Tags=tag_list(team="a"))
    for kind in ("Training", "Processing"):
        server.wait(kind, "tagged")
    kinds = ("training-job", "processing-job", "model", "model-package-group", "model-package")
    return [f"{ARN}:{kind}/tagged" for kind in kinds]


@pytest.mark.docker
def test_tags_of_every_kind_are_added_listed_and_deleted(sagemaker, resources):
    for arn in resources:
        added = sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(stage="test", team="b"))["Tags"]
        assert added == tag_list(stage="test", team="b")
        assert sagemaker.list_tags(ResourceArn=arn, MaxResults=50)["Tags"] == added
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["stage", "none"])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tag_list(team="b")
        with refused():
            sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": "y"}])
        with refused():
            sagemaker.list_tags(ResourceArn=arn, NextToken="page")


@pytest.mark.docker
@pytest.mark.parametrize("resource", [
    "training-job/missing", "processing-job/missing", "transform-job/missing", "model/missing",
    "model-package-group/missing", "model-package/missing", "model-package/missing/1", "endpoint", "tags/x",
])  # fmt: skip
def test_a_missing_resource_has_no_tags(sagemaker, resource):
    arn = f"{ARN}:{resource}"
    for call, params in (
        (sagemaker.add_tags, {"Tags": tag_list(a="b")}), (sagemaker.list_tags, {}),
        (sagemaker.delete_tags, {"TagKeys": ["a"]}),
    ):  # fmt: skip
        with refused():
            call(ResourceArn=arn, **params)


@pytest.mark.docker
def test_a_resource_has_at_most_50_tags(sagemaker, name):
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    arn = f"{ARN}:model-package-group/{name}"
    sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(**{f"k{index}": "" for index in range(50)}))
    with refused():
        sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(one="more"))
    sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(k0="changed"))
    assert len(sagemaker.list_tags(ResourceArn=arn)["Tags"]) == 50


@pytest.mark.docker
def test_a_version_has_the_tags_of_its_group(sagemaker, name):
    sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=tag_list(team="a"))
    arn = sagemaker.create_model_package(ModelPackageGroupName=name)["ModelPackageArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tag_list(team="a")
    with refused():
        sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(a="b"))
    with refused():
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])


@pytest.mark.docker
@pytest.mark.parametrize("prefix", ["aws", "sagemaker"])
def test_a_user_describes_only_what_is_tagged_for_his_team(server, sagemaker, role, image, name, prefix):
    for team in ("a", "b"):
        group = f"{name}-{team}"
        sagemaker.create_model_package_group(ModelPackageGroupName=group, Tags=tag_list(team=team))
        sagemaker.create_model_package(ModelPackageGroupName=group)
        sagemaker.create_model(
            ModelName=group, ExecutionRoleArn=role, PrimaryContainer={"Image": image}, Tags=tag_list(team=team)
        )
    statement = {
        "Effect": "Allow",
        "Action": "sagemaker:Describe*",
        "Resource": "*",
        "Condition": {"StringEquals": {f"{prefix}:ResourceTag/team": "a"}},
    }
    client = checked_client(server, server.user(f"user-{name}", [statement]))

    def describe(team):
        yield lambda: client.describe_model_package_group(ModelPackageGroupName=f"{name}-{team}")
        yield lambda: client.describe_model_package(ModelPackageName=f"{ARN}:model-package/{name}-{team}/1")
        yield lambda: client.describe_model(ModelName=f"{name}-{team}")

    for call in describe("a"):
        call()
    for call in describe("b"):
        with refused("AccessDeniedException"):
            call()
    sagemaker.delete_tags(ResourceArn=f"{ARN}:model/{name}-a", TagKeys=["team"])
    with refused("AccessDeniedException"):
        client.describe_model(ModelName=f"{name}-a")
