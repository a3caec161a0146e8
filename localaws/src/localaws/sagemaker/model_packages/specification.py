"""The inference specifications of model packages: their images and model data, looked up when they are registered."""

from collections.abc import Callable
from typing import Any

from localaws.api import Request
from localaws.errors import ValidationError
from localaws.platform import Platform
from localaws.registry.images import ImageError
from localaws.sagemaker.models.data import reader_of_caller, single_object, source_object
from localaws.store import Record


class SpecificationChecks:
    """Looks up what specifications name, with the permissions of the caller: the request names no role.

    Args:
        platform: the running localaws.
        request: a request to create or update a model package.
    """

    def __init__(self, platform: Platform, request: Request) -> None:
        self._platform = platform
        self._caller = request.caller
        self._reader = reader_of_caller(platform, request)

    def completed(self, specification: Record) -> Record:
        """Return a specification whose containers have the digests of their images and the ETags of their data.

        Raises:
            ValidationError: an image or model data does not exist, or the caller may not read it.
        """
        return {**specification, "Containers": [self._container(one) for one in specification["Containers"]]}

    def _container(self, container: Record) -> Record:
        completed = dict(container)
        if "Image" in container:
            completed["ImageDigest"] = self._digest(container)
        data = single_object(container)
        if data is not None:
            completed["ModelDataETag"] = self._reader.etag(data)
        return _with_sources(completed, self._source)

    def _source(self, source: Record) -> Record:
        etag = self._reader.etag(source_object(source))
        return {**source, "ETag": etag} if etag else source

    def _digest(self, container: Record) -> str:
        """Return the digest of a container's image, or check the one that it names."""
        named = container.get("ImageDigest", "").lower()
        image = pinned(container["Image"], named) if named else container["Image"]
        try:
            return self._platform.images.digest(image, self._caller.access_key)
        except ImageError as error:
            raise ValidationError(_failure(error, image, self._caller.arn)) from None


def _with_sources(container: Record, change: Callable[[Record], Record]) -> Record:
    """Return a container whose `S3ModelDataSource`s are changed."""
    changed = dict(container)
    if "S3DataSource" in container.get("ModelDataSource", {}):
        changed["ModelDataSource"] = {"S3DataSource": change(container["ModelDataSource"]["S3DataSource"])}
    if "AdditionalModelDataSources" in container:
        changed["AdditionalModelDataSources"] = [
            {**one, "S3DataSource": change(one["S3DataSource"])} for one in container["AdditionalModelDataSources"]
        ]
    return changed


def pinned(image: str, digest: str) -> str:
    """Return an image's name with a digest in the place of its tag."""
    folder, slash, last = image.partition("@")[0].rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}@{digest}"


def check_specification(specification: dict[str, Any], *, versioned: bool) -> None:
    """Refuse what AWS refuses in a specification beyond its service model.

    Raises:
        ValidationError: with AWS's words; `1 validation errors` and the missing blank are in them too.
    """
    for container in specification["Containers"]:
        if "AdditionalS3DataSource" in container:
            raise ValidationError("AdditionalS3DataSource is not allowed in InferenceSpecification")
        if container.get("Environment") and not versioned:
            raise ValidationError(
                "1 validation errors detected:Environment variable map cannot be specified when using non-versioned "
                "ModelPackages"
            )


def _failure(error: ImageError, image: str, caller_arn: str) -> str:
    """Return the words for an image of a package that cannot be used: those of CreateModel, but for the caller."""
    match error.kind:
        case "repository" | "tag":
            return f"Requested image {image} not found."
        case "denied":
            return f"{caller_arn} cannot pull {image}. Ensure that the image was granted pull permission."
        case "foreign":
            return f'ECR image "{image}" is invalid.'
        case "engine":
            return f"localaws cannot run the image {image}: {error.message}"
