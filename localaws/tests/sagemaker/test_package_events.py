from localaws.sagemaker.model_packages.events import event_detail

RECORD = {
    "ModelPackageName": "group",
    "ModelPackageGroupName": "group",
    "ModelPackageVersion": 2,
    "ModelPackageArn": "arn:aws:sagemaker:us-east-1:000000000000:model-package/group/2",
    "CreationTime": 1614186014.5,
    "LastModifiedTime": 1614186015.0,
    "_note": 1,
}


def test_times_are_text_and_notes_are_left_out():
    detail = event_detail(RECORD, [])
    assert detail == {
        "ModelPackageGroupName": "group",
        "ModelPackageVersion": 2,
        "ModelPackageArn": RECORD["ModelPackageArn"],
        "CreationTime": "2021-02-24T17:00:14Z",
        "LastModifiedTime": "2021-02-24T17:00:15Z",
    }


def test_updated_fields_are_named_once_as_aws_spells_them():
    parameters = [
        "ModelPackageArn", "SourceUri", "CustomerMetadataProperties", "CustomerMetadataPropertiesToRemove", "ModelCard",
    ]  # fmt: skip
    assert event_detail(RECORD, parameters)["UpdatedModelPackageFields"] == ["sourceUri", "CustomerMetadataProperties"]
    assert "UpdatedModelPackageFields" not in event_detail(RECORD, ["ModelPackageArn", "ModelCard"])


def test_an_unversioned_package_keeps_its_name():
    assert event_detail({"ModelPackageName": "one", "CreationTime": 0.0}, [])["ModelPackageName"] == "one"
