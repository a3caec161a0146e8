"""The containers of a model: each is checked, and those that model packages name are looked up."""

from typing import Any

from localaws.api import Request
from localaws.credentials import RoleSession
from localaws.errors import ValidationError
from localaws.platform import Platform
from localaws.registry.images import ImageError
from localaws.registry.wording import model_failure
from localaws.sagemaker.model_packages.record import find_package
from localaws.sagemaker.model_packages.specification import pinned
from localaws.sagemaker.models.data import data_sources, reader_of_role, single_object, source_object
from localaws.sagemaker.records import picked
from localaws.store import Record

RUN = ("ContainerHostname", "Image", "Mode", "ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources")
"""Members of a container that say what runs; `Environment` is always there."""
OWN = ("Image", "ModelDataUrl", "ModelDataSource")
EITHER = "Specify one of either Image and Model Data URL or ModelPackageName in container definition."


class ModelContainers:
    """Resolves the containers of one CreateModel request.

    Args:
        platform: the running localaws.
        request: the request.
        session: the model's role, with which images and data are looked up.
    """

    def __init__(self, platform: Platform, request: Request, session: RoleSession) -> None:
        self._platform = platform
        self._request = request
        self._session = session
        self._reader = reader_of_role(platform, request.caller.region, session)

    def resolve(self, container: Record) -> list[Record]:
        """Return what runs for a container: itself, or the containers of its model package.

        Raises:
            ValidationError: an image, model data or model package is missing, or the role may not read it.
        """
        if "ModelPackageName" in container:
            return self._of_package(container)
        self._check_image(container["Image"])
        self._check_data(container)
        return [_run(container, container.get("Environment", {}))]

    def _of_package(self, container: Record) -> list[Record]:
        package = find_package(self._platform, self._request, container["ModelPackageName"])
        if "ModelPackageVersion" in package and package["ModelApprovalStatus"] != "Approved":
            # AWS's documentation demands it of a version that is deployed; the words are ours.
            raise ValidationError(
                f"ModelPackage {package['ModelPackageArn']} is not approved: its ModelApprovalStatus is "
                f"{package['ModelApprovalStatus']}."
            )
        return [self._packaged(one, container) for one in _specification(package, container)["Containers"]]

    def _packaged(self, packaged: Record, container: Record) -> Record:
        theirs, ours = packaged.get("Environment", {}), container.get("Environment", {})
        if theirs and ours:
            raise ValidationError(
                f"Environment variable map cannot be specified both at Model Package {_map_text(theirs)} and Model "
                f"{_map_text(ours)}."
            )
        if "Image" not in packaged:
            raise ValidationError("The model package has a container without an Image.")
        self._check_data(packaged)
        runs = {**packaged, **picked(container, "ContainerHostname"), "Image": self._packaged_image(packaged)}
        return _run(runs, theirs or ours)

    def _packaged_image(self, packaged: Record) -> str:
        """Return the image of a package by its digest.

        The table of images may replace an image by its name alone, which a name with a digest does not match: the
        name is kept if it still has the digest.
        """
        name, digest = packaged["Image"], packaged.get("ImageDigest")
        if digest is None:  # the package's validation was skipped
            self._check_image(name)
            return str(name)
        image = pinned(name, digest)
        try:
            self._platform.images.check(image, self._session)
        except ImageError as error:
            if self._digest_now(name) != digest:
                raise ValidationError(model_failure(error, image, self._session.role_arn)) from None
            return str(name)
        return image

    def _digest_now(self, image: str) -> str | None:
        try:
            return self._platform.images.check(image, self._session)
        except ImageError:
            return None

    def _check_image(self, image: str) -> None:
        try:
            self._platform.images.check(image, self._session)
        except ImageError as error:
            raise ValidationError(model_failure(error, image, self._session.role_arn)) from None

    def _check_data(self, container: Record) -> None:
        data = single_object(container)
        for one in (*([data] if data else ()), *(source_object(source) for source in data_sources(container))):
            self._reader.etag(one)


def check_containers(containers: list[Record]) -> None:
    """Refuse what AWS refuses in containers beyond its service model, and what localaws does not offer.

    Raises:
        ValidationError: with AWS's words for a container that has both an image and a package, or none; the other
            words are ours.
    """
    for container in containers:
        own = [name for name in OWN if name in container]
        if bool(own) == ("ModelPackageName" in container) or ("Image" not in container and own):
            raise ValidationError(EITHER)
        if "ModelDataUrl" in container and "ModelDataSource" in container:
            raise ValidationError("Specify one of either ModelDataUrl or ModelDataSource in container definition.")
        if container.get("ImageConfig", {}).get("RepositoryAccessMode") == "Vpc":
            raise ValidationError("localaws does not offer the RepositoryAccessMode Vpc")
    names = [container["ContainerHostname"] for container in containers if "ContainerHostname" in container]
    if len(containers) > 1 and names and len(set(names)) != len(containers):
        raise ValidationError("Specify a unique ContainerHostname for every container, or for none.")


def _specification(package: Record, container: Record) -> dict[str, Any]:
    """Return the specification of a package that a container asks for."""
    name = container.get("InferenceSpecificationName")
    if name is None:
        found = package.get("InferenceSpecification")
    else:
        additional = package.get("AdditionalInferenceSpecifications", ())
        found = next((one for one in additional if one["Name"] == name), None)
    if found is None:
        what = f"inference specification {name}" if name else "InferenceSpecification"
        raise ValidationError(f"ModelPackage {package['ModelPackageArn']} has no {what}.")
    return dict(found)


def _run(container: Record, environment: dict[str, str]) -> Record:
    return {"Mode": "SingleModel", **picked(container, *RUN), "Environment": environment}


def _map_text(values: dict[str, str]) -> str:
    """Return a map as AWS writes it in messages."""
    return "{" + ", ".join(f"{key}={value}" for key, value in values.items()) + "}"
