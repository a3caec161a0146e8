import json

import pytest

from .checked import checked_client, refused

pytestmark = pytest.mark.docker

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def sagemaker(server):
    return checked_client(server)


@pytest.fixture
def arn(name):
    return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package-group/{name}"


def policy(arn):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
        "Action": "sagemaker:DescribeModelPackageGroup",
        "Resource": arn,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_group_is_described_by_name_and_arn(sagemaker, name, arn):
    created = sagemaker.create_model_package_group(ModelPackageGroupName=name, ModelPackageGroupDescription="数据")
    assert created["ModelPackageGroupArn"] == arn
    by_name, by_arn = (sagemaker.describe_model_package_group(ModelPackageGroupName=one) for one in (name, arn))
    for one in (by_name, by_arn):
        assert (one["ModelPackageGroupArn"], one["ModelPackageGroupStatus"]) == (arn, "Completed")
        assert one["ModelPackageGroupDescription"] == "数据"
        assert one["CreatedBy"]["IamIdentity"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


def test_a_name_is_used_once(sagemaker, name, arn):
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    with refused() as error:
        sagemaker.create_model_package_group(ModelPackageGroupName=name)
    assert error.message == f"Model Package Group already exists: {arn}"


def test_groups_are_listed_in_pages_oldest_first(sagemaker, name):
    names = [f"{name}-{index}" for index in range(3)]
    for one in names:
        sagemaker.create_model_package_group(ModelPackageGroupName=one)
    pages = list(
        sagemaker.get_paginator("list_model_package_groups").paginate(
            NameContains=name, PaginationConfig={"PageSize": 2}
        )
    )
    assert [one["ModelPackageGroupName"] for page in pages for one in page["ModelPackageGroupSummaryList"]] == names
    assert [len(page["ModelPackageGroupSummaryList"]) for page in pages] == [2, 1]
    foreign = sagemaker.list_model_package_groups(CrossAccountFilterOption="CrossAccount")
    assert foreign["ModelPackageGroupSummaryList"] == []


def test_a_missing_group_is_refused(sagemaker, name, arn):
    for call in (sagemaker.describe_model_package_group, sagemaker.delete_model_package_group):
        for one in (name, arn):
            with refused() as error:
                call(ModelPackageGroupName=one)
            assert error.message == f"ModelPackageGroup {arn} does not exist."


def test_a_group_with_packages_is_not_deleted(sagemaker, name, arn):
    sagemaker.create_model_package_group(ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": "a"}])
    package = sagemaker.create_model_package(ModelPackageGroupName=arn)["ModelPackageArn"]
    with refused("ConflictException"):
        sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    sagemaker.delete_model_package(ModelPackageName=package)
    sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    with refused():
        sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_a_group_has_one_policy(sagemaker, name, arn):
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    for call in (sagemaker.get_model_package_group_policy, sagemaker.delete_model_package_group_policy):
        with refused() as error:
            call(ModelPackageGroupName=name)
        assert error.message == f"Cannot find resource policy for: {arn}"
    put = sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=policy(arn))
    assert put["ModelPackageGroupArn"] == arn
    with refused():
        sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy="{}")
    assert sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)["ResourcePolicy"] == policy(arn)
    sagemaker.delete_model_package_group_policy(ModelPackageGroupName=name)
    with refused():
        sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)


def test_the_policy_of_a_missing_group_is_refused(sagemaker, name, arn):
    with refused() as error:
        sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)
    assert error.message == f"Cannot find Model Package Group: {arn}"
    with refused():
        sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=policy(arn))


def test_a_denied_caller_is_refused(server, name, arn):
    statement = {"Effect": "Allow", "Action": "sagemaker:List*", "Resource": "*"}
    client = checked_client(server, server.user(f"user-{name}", [statement]))
    with refused("AccessDeniedException") as error:
        client.create_model_package_group(ModelPackageGroupName=name)
    assert f"sagemaker:CreateModelPackageGroup on resource: {arn} " in error.message
