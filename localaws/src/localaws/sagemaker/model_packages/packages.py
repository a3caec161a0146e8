"""The operations on model packages, except their update."""

from collections.abc import Mapping

from localaws.api import Operation, Params, Request
from localaws.errors import AwsError, ValidationError
from localaws.platform import Platform
from localaws.sagemaker.listing import Listing
from localaws.sagemaker.model_packages.events import publish_package
from localaws.sagemaker.model_packages.groups import PACKAGE, find_group
from localaws.sagemaker.model_packages.record import (
    ClientTokens,
    add_unversioned,
    add_version,
    find_package,
    new_record,
    packages,
    stored_name,
)
from localaws.sagemaker.model_packages.specification import SpecificationChecks, check_specification
from localaws.sagemaker.model_packages.update import PackageUpdate, package_context
from localaws.sagemaker.names import named_arn
from localaws.sagemaker.records import picked, public, set_tags
from localaws.sagemaker.tags import check_tags, remove_tags
from localaws.store import Record

SUMMARY = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
)


def _summary(record: Record) -> Record:
    """Return the entry of a list; that of a versioned package has no name of its own."""
    name = () if "ModelPackageVersion" in record else ("ModelPackageName",)
    return picked(record, *name, *SUMMARY, "ModelLifeCycle")


LISTING = Listing(
    "ModelPackageSummaryList",
    "ModelPackageName",
    _summary,
    equals=(("ModelApprovalStatus", "ModelApprovalStatus"),),
    order="Ascending",
)
UNSUPPORTED = ("ValidationSpecification", "SourceAlgorithmSpecification")
"""What a request may name, and localaws does not offer."""


class ModelPackages:
    """Creates, describes, lists, updates and deletes model packages."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def operations(self) -> Mapping[str, Operation]:
        """Return the operations by name."""
        return {
            "CreateModelPackage": Operation(self.create, _new_arn, package_context),
            "DescribeModelPackage": Operation(self.describe, _arn),
            "ListModelPackages": Operation(self.list),
            "DeleteModelPackage": Operation(self.delete, _arn),
            "BatchDescribeModelPackage": Operation(self.batch_describe, lambda request: _listed_arns(request)[0]),
            **PackageUpdate(self._platform).operations(),
        }

    def create(self, request: Request) -> Params:
        """Create a package, as a version of a group or under a name of its own."""
        params = request.params
        _check(params)
        tokens = ClientTokens(self._platform, request)
        earlier = tokens.earlier()
        if earlier is not None:
            return {"ModelPackageArn": earlier}
        versioned = "ModelPackageGroupName" in params
        if versioned:
            find_group(self._platform, request)
        record = new_record(request, self._specifications(request))
        add = add_version if versioned else add_unversioned
        record = add(self._platform, request, record)
        tokens.remember(record)
        set_tags(self._platform, record["ModelPackageArn"], params.get("Tags", []))
        publish_package(self._platform, record)
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def describe(self, request: Request) -> Params:
        """Return a package."""
        record = public(find_package(self._platform, request, request.params["ModelPackageName"]))
        # Of the card's content AWS leaves a few fields, which it does not name.
        if request.params.get("IncludedData") == "MetadataOnly" and "ModelCard" in record:
            record["ModelCard"] = {**record["ModelCard"], "ModelCardContent": "{}"}
        return record

    def list(self, request: Request) -> Params:
        """List packages: the versions of a group, or the unversioned ones, unless the request asks for others."""
        params = request.params
        found = packages(self._platform, request).all()
        kind = params.get("ModelPackageType", "Unversioned")
        if "ModelPackageGroupName" in params:
            group = find_group(self._platform, request)["ModelPackageGroupName"]
            found = [record for record in found if record.get("ModelPackageGroupName") == group]
            kind = params.get("ModelPackageType", "Versioned")
        if kind != "Both":
            found = [record for record in found if ("ModelPackageVersion" in record) == (kind == "Versioned")]
        return LISTING.answer(found, params)

    def delete(self, request: Request) -> Params:
        """Delete a package; AWS sends no event for it."""
        record = find_package(self._platform, request, request.params["ModelPackageName"])
        packages(self._platform, request).remove(stored_name(record))
        remove_tags(self._platform, record["ModelPackageArn"])
        return {}

    def batch_describe(self, request: Request) -> Params:
        """Return the summaries of packages by their ARNs, and for the others the reason why there is none.

        A caller without permission for the first package is refused as a whole.
        """
        summaries, errors = {}, {}
        for arn in _listed_arns(request):
            try:
                self._platform.base.authorize(request.caller, "sagemaker:BatchDescribeModelPackage", arn, {})
                record = find_package(self._platform, request, arn)
            except AwsError as error:
                errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
            else:
                # The model demands both members of a package that lacks them, too.
                defaults = {"InferenceSpecification": {"Containers": []}, "ModelPackageGroupName": stored_name(record)}
                summaries[arn] = defaults | picked(record, *SUMMARY, "InferenceSpecification")
        return {"ModelPackageSummaries": summaries, "BatchDescribeModelPackageErrorMap": errors}

    def _specifications(self, request: Request) -> Params:
        """Return the specifications of a request, completed unless it skips the validation of the model."""
        params = request.params
        if params.get("SkipModelValidation") == "All":
            return {}
        checks = SpecificationChecks(self._platform, request)
        completed: Params = {}
        if "InferenceSpecification" in params:
            completed["InferenceSpecification"] = checks.completed(params["InferenceSpecification"])
        if "AdditionalInferenceSpecifications" in params:
            completed["AdditionalInferenceSpecifications"] = [
                checks.completed(one) for one in params["AdditionalInferenceSpecifications"]
            ]
        return completed


def _arn(request: Request) -> str:
    return named_arn(request, PACKAGE, request.params["ModelPackageName"])


def _new_arn(request: Request) -> str:
    """Return what policies are checked on: a new version has no number yet, so `GROUP/*` stands for it."""
    params = request.params
    group = params.get("ModelPackageGroupName")
    if group is None:
        return request.arn(f"{PACKAGE}/{params.get('ModelPackageName', '*')}")
    return named_arn(request, PACKAGE, f"{group}/*").replace(":model-package-group/", f":{PACKAGE}/")


def _listed_arns(request: Request) -> list[str]:
    return list(dict.fromkeys(request.params["ModelPackageArnList"]))


def _check(params: Params) -> None:
    """Refuse what AWS refuses beyond its service model, and what localaws does not offer.

    Raises:
        ValidationError: with AWS's words, or those of localaws.
    """
    versioned, named = "ModelPackageGroupName" in params, "ModelPackageName" in params
    if versioned and named:
        raise ValidationError(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to "
            "use."
        )
    if not versioned and not named:
        raise ValidationError("Missing ARN.")
    unsupported = next((name for name in UNSUPPORTED if name in params), None)
    if unsupported is not None:
        raise ValidationError(f"localaws does not offer {unsupported}")
    if versioned and params.get("Tags"):
        raise ValidationError("Tags cannot be specified for a versioned model package: it uses those of its group.")
    check_tags(params.get("Tags", []))
    additional = params.get("AdditionalInferenceSpecifications", [])
    for specification in (params.get("InferenceSpecification"), *additional):
        if specification is not None:
            check_specification(specification, versioned=versioned)
    names = [one["Name"] for one in additional]
    if len(names) != len(set(names)):
        raise ValidationError("Duplicate name in AdditionalInferenceSpecifications")
