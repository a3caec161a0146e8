"""sagemaker-core's `ModelPackageGroup` and `ModelPackage`: two versions, one approved, one deleted."""

from typing import Any

from client import Settings, run_client
from sagemaker.core.resources import ModelPackage, ModelPackageGroup
from sagemaker.core.shapes import InferenceSpecification, ModelPackageContainerDefinition


def see(settings: Settings) -> dict[str, Any]:
    """Create a group with packages, approve one, and delete everything."""
    group = ModelPackageGroup.create(model_package_group_name=settings.name, model_package_group_description="models")
    packages = [
        ModelPackage.create(
            model_package_group_name=settings.name,
            inference_specification=InferenceSpecification(
                containers=[ModelPackageContainerDefinition(image=settings.image, model_data_url=settings.model)],
                supported_content_types=["text/csv"],
                supported_response_mime_types=["text/csv"],
            ),
            model_approval_status="PendingManualApproval",
            customer_metadata_properties={"f1": "0.9"},
        )
        for _ in range(2)
    ]
    packages[1].wait_for_status("Completed", poll=1, timeout=60)
    packages[1].update(model_approval_status="Approved", approval_description="good enough")
    got = ModelPackage.get(packages[1].model_package_arn)
    approved = ModelPackage.get_all(model_package_group_name=settings.name, model_approval_status="Approved")
    seen = {
        "group": group.refresh().model_package_group_status,
        "arn": got.model_package_arn,
        "version": got.model_package_version,
        "status": got.model_approval_status,
        "f1": got.customer_metadata_properties["f1"],
        "approved": [package.model_package_version for package in approved],
        "groups": [one.model_package_group_name for one in ModelPackageGroup.get_all(name_contains=settings.name)],
    }
    for package in packages:
        package.delete()
    group.delete()
    seen["left"] = [one.model_package_group_name for one in ModelPackageGroup.get_all(name_contains=settings.name)]
    return seen


if __name__ == "__main__":
    run_client(see)
