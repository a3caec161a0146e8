"""sagemaker-core's `ModelPackageGroup` and `ModelPackage`: two versions, one approved, one deleted."""

from typing import Any

import boto3
from client import Settings, run_client
from sagemaker.core.resources import ModelPackage, ModelPackageGroup


def see(settings: Settings) -> dict[str, Any]:
    """Create a group with packages, approve one, and delete everything."""
    group = ModelPackageGroup.create(model_package_group_name=settings.name, model_package_group_description="models")
    # ModelPackage's `create` reads a ModelPackageName that no answer of AWS has; its `refresh`, and with it
    # `update`, `get_all` and `delete`, names a version by its group. Therefore boto3 does what they do.
    sagemaker = boto3.client("sagemaker")
    packages = [
        ModelPackage.get(
            sagemaker.create_model_package(
                ModelPackageGroupName=settings.name,
                InferenceSpecification={
                    "Containers": [{"Image": settings.image, "ModelDataUrl": settings.model}],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": ["text/csv"],
                },
                ModelApprovalStatus="PendingManualApproval",
                CustomerMetadataProperties={"f1": "0.9"},
            )["ModelPackageArn"]
        )
        for _ in range(2)
    ]
    sagemaker.update_model_package(
        ModelPackageArn=packages[1].model_package_arn, ModelApprovalStatus="Approved", ApprovalDescription="good enough"
    )
    got = ModelPackage.get(packages[1].model_package_arn)
    approved = sagemaker.list_model_packages(ModelPackageGroupName=settings.name, ModelApprovalStatus="Approved")
    seen = {
        "group": group.refresh().model_package_group_status,
        "arn": got.model_package_arn,
        "version": got.model_package_version,
        "status": got.model_approval_status,
        "f1": got.customer_metadata_properties["f1"],
        "approved": [package["ModelPackageVersion"] for package in approved["ModelPackageSummaryList"]],
        "groups": [one.model_package_group_name for one in ModelPackageGroup.get_all(name_contains=settings.name)],
    }
    for package in packages:
        sagemaker.delete_model_package(ModelPackageName=package.model_package_arn)
    group.delete()
    seen["left"] = [one.model_package_group_name for one in ModelPackageGroup.get_all(name_contains=settings.name)]
    return seen


if __name__ == "__main__":
    run_client(see)
