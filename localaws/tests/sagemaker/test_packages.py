import pytest

from .checked import Events, checked_client, refused

pytestmark = pytest.mark.docker

ACCOUNT = "000000000000"
DATA = "s3://data/models/model.tar.gz"
PACKAGE = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package"
EVENT = "SageMaker Model Package State Change"


@pytest.fixture(scope="module")
def sagemaker(server):
    server.client("s3").put_object(Bucket="data", Key="models/model.tar.gz", Body=b"model")
    return checked_client(server)


@pytest.fixture
def group(sagemaker, name):
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


def specification(image, **changes):
    return {
        "Containers": [{"Image": image, "ModelDataUrl": DATA, **changes}],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def test_a_version_is_registered_and_approved_with_events(server, sagemaker, image, group):
    events = Events(server, group, EVENT)
    created = sagemaker.create_model_package(
        ModelPackageGroupName=f"{PACKAGE}-group/{group}",
        ModelPackageDescription="first",
        InferenceSpecification=specification(image, Environment={"A": "1"}),
        CustomerMetadataProperties={"stage": "test", "old": "1"},
    )
    arn = f"{PACKAGE}/{group}/1"
    assert created["ModelPackageArn"] == arn
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    (container,) = found["InferenceSpecification"]["Containers"]
    assert container["ImageDigest"].startswith("sha256:")
    assert container["ModelDataETag"] == "20f35e630daf44dbfa4c3f68f5399d8c"  # MD5 of the object
    assert (found["ModelPackageGroupName"], found["ModelPackageVersion"]) == (group, 1)
    assert (found["ModelPackageStatus"], found["ModelApprovalStatus"]) == ("Completed", "PendingManualApproval")
    assert found["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}
    assert found["CreatedBy"]["IamIdentity"]["Arn"].endswith(":root")
    assert "LastModifiedTime" not in found
    event = events.next()
    assert event["resources"] == [arn]
    assert event["detail"]["InferenceSpecification"]["Containers"] == [container]
    assert event["detail"]["CreationTime"].endswith("Z")
    assert "UpdatedModelPackageFields" not in event["detail"]

    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="good",
        CustomerMetadataProperties={"stage": "live"},
        CustomerMetadataPropertiesToRemove=["old"],
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"},
        SourceUri="s3://data/source",
    )
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", "good")
    assert found["CustomerMetadataProperties"] == {"stage": "live"}
    assert found["ModelLifeCycle"] == {"Stage": "Production", "StageStatus": "Approved"}
    assert found["SourceUri"] == "s3://data/source"
    assert found["LastModifiedTime"] >= found["CreationTime"]
    assert found["LastModifiedBy"]["IamIdentity"]["Arn"].endswith(":root")
    detail = events.next()["detail"]
    assert (detail["ModelApprovalStatus"], detail["ModelPackageVersion"]) == ("Approved", 1)
    assert set(detail["UpdatedModelPackageFields"]) == {
        "ModelApprovalStatus", "ApprovalDescription", "sourceUri", "CustomerMetadataProperties", "ModelLifeCycle",
    }  # fmt: skip


def test_specifications_are_updated_and_added(sagemaker, image, group):
    arn = sagemaker.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        InferenceSpecification=specification(image),
        AdditionalInferenceSpecificationsToAdd=[{"Name": "extra", **specification(image)}],
    )
    found = sagemaker.describe_model_package(ModelPackageName=arn)
    assert "ImageDigest" in found["InferenceSpecification"]["Containers"][0]
    assert [one["Name"] for one in found["AdditionalInferenceSpecifications"]] == ["extra"]
    with refused():
        sagemaker.update_model_package(
            ModelPackageArn=arn, AdditionalInferenceSpecificationsToAdd=[{"Name": "extra", **specification(image)}]
        )
    with refused():
        sagemaker.update_model_package(ModelPackageArn=arn, InferenceSpecification=specification(f"{image}-none"))


def test_an_unversioned_package_is_found_by_its_name(sagemaker, image, name):
    arn = f"{PACKAGE}/{name}"
    request = {"ModelPackageName": name, "InferenceSpecification": specification(image)}
    assert sagemaker.create_model_package(**request)["ModelPackageArn"] == arn
    found = sagemaker.describe_model_package(ModelPackageName=name)
    assert found["ModelPackageArn"] == arn
    assert not {"ModelApprovalStatus", "ModelPackageVersion", "ModelPackageGroupName"} & set(found)
    with refused() as error:
        sagemaker.create_model_package(**request)
    assert error.message == f"Model Package already exists: {arn}"
    with refused():
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sagemaker.delete_model_package(ModelPackageName=name)
    for call in (sagemaker.describe_model_package, sagemaker.delete_model_package):
        with refused() as error:
            call(ModelPackageName=name)
        assert error.message == f"ModelPackage {arn} does not exist."


def test_packages_are_listed_by_group_type_and_approval(sagemaker, group):
    for status in ("Approved", "Rejected", "Approved"):
        sagemaker.create_model_package(ModelPackageGroupName=group, ModelApprovalStatus=status)
    sagemaker.create_model_package(ModelPackageName=group)

    def listed(**params):
        pages = sagemaker.get_paginator("list_model_packages").paginate(**params, PaginationConfig={"PageSize": 2})
        return [one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"]]

    versions = [f"{PACKAGE}/{group}/{number}" for number in (1, 2, 3)]
    assert listed(ModelPackageGroupName=group) == versions
    assert listed(ModelPackageGroupName=f"{PACKAGE}-group/{group}", SortOrder="Descending") == versions[::-1]
    assert listed(ModelPackageGroupName=group, ModelApprovalStatus="Approved") == [versions[0], versions[2]]
    assert listed(NameContains=group) == [f"{PACKAGE}/{group}"]
    assert listed(NameContains=group, ModelPackageType="Versioned") == versions
    assert listed(NameContains=group, ModelPackageType="Both") == [*versions, f"{PACKAGE}/{group}"]
    with refused() as error:
        listed(ModelPackageGroupName="missing")
    assert error.message == f"ModelPackageGroup {PACKAGE}-group/missing does not exist."


def test_names_are_required_once(sagemaker, name):
    with refused() as error:
        sagemaker.create_model_package(ModelPackageName=name, ModelPackageGroupName=name)
    assert error.message == (
        "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to use."
    )
    with refused() as error:
        sagemaker.create_model_package()
    assert error.message == "Missing ARN."
    for group in (name, f"{PACKAGE}-group/{name}"):
        with refused() as error:
            sagemaker.create_model_package(ModelPackageGroupName=group)
        assert error.message == f"ModelPackageGroup {PACKAGE}-group/{name} does not exist."


@pytest.mark.parametrize("changes", [
    {"Tags": [{"Key": "team", "Value": "a"}]},
    {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a"}]}},
])  # fmt: skip
def test_what_a_version_may_not_have_is_refused(sagemaker, group, changes):
    with refused():
        sagemaker.create_model_package(ModelPackageGroupName=group, **changes)


def test_an_unversioned_package_has_no_environment(sagemaker, image, name):
    with refused() as error:
        sagemaker.create_model_package(
            ModelPackageName=name, InferenceSpecification=specification(image, Environment={"A": "1"})
        )
    assert error.message == (
        "1 validation errors detected:Environment variable map cannot be specified when using non-versioned "
        "ModelPackages"
    )


def test_images_and_data_must_exist(sagemaker, image, group):
    for changes, words in (
        ({"Image": f"{image}-none"}, f"Requested image {image}-none not found."),
        ({"ImageDigest": "sha256:" + 64 * "0"}, f"Requested image {image[:-2]}@sha256:{64 * '0'} not found."),
        ({"ModelDataUrl": "s3://data/none"}, "Could not find model data at s3://data/none."),
    ):
        with refused() as error:
            sagemaker.create_model_package(
                ModelPackageGroupName=group, InferenceSpecification=specification(image, **changes)
            )
        assert error.message == words
    created = sagemaker.create_model_package(
        ModelPackageGroupName=group,
        InferenceSpecification=specification(f"{image}-none", ModelDataUrl="s3://none/none"),
        SkipModelValidation="All",
    )
    assert created["ModelPackageArn"].endswith("/1")


def test_the_caller_must_be_allowed_to_read_images_and_data(server, sagemaker, image, group):
    create = {"Effect": "Allow", "Action": "sagemaker:CreateModelPackage", "Resource": f"{PACKAGE}/{group}/*"}
    pull = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/models/*"}
    request = {"ModelPackageGroupName": group, "InferenceSpecification": specification(image)}
    for index, (statements, words) in enumerate((
        ([create, read], "cannot pull"), ([create, pull], "Could not access model data at"),
    )):  # fmt: skip
        client = checked_client(server, server.user(f"user-{group}-{index}", statements))
        with refused() as error:
            client.create_model_package(**request)
        assert words in error.message
    client = checked_client(server, server.user(f"user-{group}", [create, pull, read]))
    client.create_model_package(**request)
    found = sagemaker.describe_model_package(ModelPackageName=f"{PACKAGE}/{group}/1")
    assert found["CreatedBy"]["IamIdentity"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/user-{group}"


def test_the_approval_is_a_condition(server, sagemaker, group):
    pending = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    rejected = {"StringEquals": {"sagemaker:ModelApprovalStatus": "Rejected"}}
    statements = [
        {"Effect": "Allow", "Action": "sagemaker:CreateModelPackage", "Resource": "*", "Condition": pending},
        {"Effect": "Allow", "Action": "sagemaker:UpdateModelPackage", "Resource": "*", "Condition": rejected},
    ]
    client = checked_client(server, server.user(f"user-{group}", statements))
    with refused("AccessDeniedException"):
        client.create_model_package(ModelPackageGroupName=group, ModelApprovalStatus="Approved")
    arn = client.create_model_package(ModelPackageGroupName=group, ModelApprovalStatus="PendingManualApproval")[
        "ModelPackageArn"
    ]
    with refused("AccessDeniedException"):
        client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    assert sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "Rejected"


def test_a_batch_is_described_with_its_errors(sagemaker, image, group):
    arn = sagemaker.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=specification(image)
    )["ModelPackageArn"]  # fmt: skip
    bare = sagemaker.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    missing = f"{PACKAGE}/{group}/9"
    found = sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, bare, missing, arn])
    assert set(found["ModelPackageSummaries"]) == {arn, bare}
    assert found["ModelPackageSummaries"][arn]["ModelPackageVersion"] == 1
    assert found["BatchDescribeModelPackageErrorMap"] == {
        missing: {"ErrorCode": "ValidationException", "ErrorResponse": f"ModelPackage {missing} does not exist."}
    }


def test_a_missing_package_is_not_updated(sagemaker, group):
    arn = f"{PACKAGE}/{group}/1"
    with refused() as error:
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert error.message == f"ModelPackage {arn} does not exist."
    other = arn.replace("us-east-1", "eu-west-1")
    with refused():
        sagemaker.describe_model_package(ModelPackageName=other)


def test_a_restart_keeps_everything(server, sagemaker, role, image, group):
    tags = [{"Key": "team", "Value": "a"}]
    sagemaker.add_tags(ResourceArn=f"{PACKAGE}-group/{group}", Tags=tags)
    for _ in range(2):
        arn = sagemaker.create_model_package(
            ModelPackageGroupName=group, InferenceSpecification=specification(image), ModelApprovalStatus="Approved"
        )["ModelPackageArn"]  # fmt: skip
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.create_model(
        ModelName=group, ExecutionRoleArn=role, PrimaryContainer={"ModelPackageName": arn[:-1] + "1"}
    )

    def described():
        answers = (
            sagemaker.describe_model_package(ModelPackageName=arn[:-1] + "1"),
            sagemaker.describe_model_package_group(ModelPackageGroupName=group),
            sagemaker.describe_model(ModelName=group),
            sagemaker.list_tags(ResourceArn=f"{PACKAGE}-group/{group}"),
        )
        return [{key: value for key, value in answer.items() if key != "ResponseMetadata"} for answer in answers]

    before = described()
    server.stop()
    server.start()
    assert described() == before
    assert before[3]["Tags"] == tags
    again = sagemaker.create_model_package(ModelPackageGroupName=group)
    assert again["ModelPackageArn"].endswith("/3")
