"""The operations of ECR's API about images: they read and change the registry's catalog and its storage."""

from typing import Any

from localaws.configuration import Configuration
from localaws.errors import AwsError
from localaws.registry.catalog import Image, ImageCatalog, TagExists
from localaws.registry.image_ids import ImageId, batch, find_image, pages, read_id
from localaws.registry.manifest import Manifest, read_manifest
from localaws.registry.refusals import repository_unknown_message, tag_immutable_message
from localaws.registry.repositories import Repositories, Repository
from localaws.registry.storage import Storage, StorageRefused

Values = dict[str, Any]


class EcrImages:
    """The operations. Each takes the request and returns the answer, or raises `AwsError`.

    Args:
        configuration: the settings of localaws.
        repositories: the repositories of MiniStack's ECR.
        catalog: the images.
        storage: the storage of manifests and layers.
    """

    def __init__(
        self, configuration: Configuration, repositories: Repositories, catalog: ImageCatalog, storage: Storage
    ) -> None:
        self._account = configuration.account
        self._repositories = repositories
        self._catalog = catalog
        self._storage = storage

    async def describe_images(self, request: Values) -> Values:
        """Answer DescribeImages."""
        name = (await self._repository(request)).name
        if ids := request.get("imageIds"):
            images = [self._image(name, image_id) for image_id in ids]
            return {"imageDetails": [self._detail(name, image) for image in images]}
        images, rest = pages([image for image in self._catalog.images(name) if _has_status(image, request)], request)
        return {"imageDetails": [self._detail(name, image) for image in images]} | rest

    async def list_images(self, request: Values) -> Values:
        """Answer ListImages: one entry per tag, and one for an image without a tag."""
        name = (await self._repository(request)).name
        images = [image for image in self._catalog.images(name) if _has_status(image, request)]
        ids, rest = pages([image_id for image in images for image_id in _ids(image)], request)
        return {"imageIds": ids} | rest

    async def batch_get_image(self, request: Values) -> Values:
        """Answer BatchGetImage."""
        name = (await self._repository(request)).name
        images, failures = [], []
        for found, failure in batch(self._catalog, name, request["imageIds"]):
            content = await self._storage.manifest(name, found.image.manifest.digest) if found else None
            if found and content is not None:
                images.append(self._entry(name, found.image.manifest, found.tag, content))
            else:
                failures.append(failure)
        return {"images": images, "failures": failures}

    async def batch_delete_image(self, request: Values) -> Values:
        """Answer BatchDeleteImage: a tag goes alone, unless it is the image's last."""
        name = (await self._repository(request)).name
        deleted: list[dict[str, str]] = []
        failures = []
        for image_id in request["imageIds"]:
            # One after the other: an earlier deletion changes what a later one finds.
            [(found, failure)] = batch(self._catalog, name, [image_id])
            lists = self._lists_with(name, found) if found else []
            if found and lists:
                reason = f"Requested image referenced by manifest list: [{', '.join(lists)}]"
                failure = {**failure, "failureCode": "ImageReferencedByManifestList", "failureReason": reason}
            if found and not lists:
                deleted += await self._delete(name, found)
            else:
                failures.append(failure)
        return {"imageIds": deleted, "failures": failures}

    async def put_image(self, request: Values) -> Values:
        """Answer PutImage, by which tools give an image another tag."""
        repository = await self._repository(request)
        name, tag = repository.name, request.get("imageTag")
        content = str(request.get("imageManifest", "")).encode()
        manifest = self._read_manifest(request, content)
        if tag and self._catalog.digest(name, tag) == manifest.digest:
            raise AwsError(
                "ImageAlreadyExistsException",
                f"Image with digest '{manifest.digest}' and tag '{tag}' already exists in the repository with name "
                f"'{name}' in registry with id '{self._account}'",
            )
        if repository.immutable and tag and self._catalog.digest(name, tag):
            raise _tag_exists(name, tag)
        try:
            await self._storage.put_manifest(name, manifest, content)
            self._catalog.put(name, manifest, tag, immutable=repository.immutable)
        except TagExists as error:
            raise _tag_exists(name, str(error)) from error
        except StorageRefused as error:
            raise AwsError(
                "LayersNotFoundException",
                f"Layers or images required for pushing image into repository with name '{name}' in the registry with "
                f"id '{self._account}' do not exist",
            ) from error
        await self._repositories.record(name, manifest.digest)
        return {"image": self._entry(name, manifest, tag, content)}

    async def delete_repository(self, request: Values) -> Values:
        """Answer DeleteRepository, and delete the images if `force` is set."""
        repository = await self._repository(request)
        images = self._catalog.images(repository.name)
        if images and not request.get("force"):
            raise AwsError(
                "RepositoryNotEmptyException",
                f"The repository with name '{repository.name}' in registry with id '{self._account}' cannot be deleted "
                "because it still contains images",
            )
        status, answer = await self._repositories.call("DeleteRepository", request | {"force": True})
        if status != 200:
            raise AwsError(str(answer.get("__type", "ServerException")), str(answer.get("message", "")), status)
        for image in images:
            await self._storage.delete_manifest(repository.name, image.manifest.digest)
            self._catalog.delete_image(repository.name, image.manifest.digest)
        return answer

    async def batch_check_layer_availability(self, request: Values) -> Values:
        """Answer BatchCheckLayerAvailability."""
        name = (await self._repository(request)).name
        layers = []
        for digest in request["layerDigests"]:
            size = await self._storage.layer_size(name, digest)
            state = "UNAVAILABLE" if size is None else "AVAILABLE"
            layers.append({"layerDigest": digest, "layerAvailability": state, "layerSize": size or 0})
        return {"layers": layers, "failures": []}

    async def _repository(self, request: Values) -> Repository:
        """Return the request's repository."""
        name, account = str(request.get("repositoryName", "")), request.get("registryId", self._account)
        repository = await self._repositories.find(name) if account == self._account else None
        if repository is None:
            raise AwsError("RepositoryNotFoundException", repository_unknown_message(name, account))
        return repository

    def _image(self, name: str, image_id: dict[str, str]) -> Image:
        found = find_image(self._catalog, name, read_id(image_id))
        if found is None:
            words = ", ".join(f"{key}:'{image_id[key]}'" for key in ("imageDigest", "imageTag") if key in image_id)
            raise AwsError(
                "ImageNotFoundException",
                f"The image with imageId {{{words}}} does not exist within the repository with name '{name}' in the "
                f"registry with id '{self._account}'",
            )
        return found.image

    def _read_manifest(self, request: Values, content: bytes) -> Manifest:
        try:
            manifest = read_manifest(content, request.get("imageManifestMediaType", ""))
        except ValueError as error:
            message = f"Invalid parameter at 'ImageManifest' failed to satisfy constraint: '{error}'"
            raise AwsError("InvalidParameterException", message) from error
        if request.get("imageDigest", manifest.digest) != manifest.digest:
            message = f"The provided digest '{request['imageDigest']}' does not match the digest '{manifest.digest}'"
            raise AwsError("ImageDigestDoesNotMatchException", message)
        return manifest

    async def _delete(self, name: str, found: ImageId) -> list[dict[str, str]]:
        """Delete a tag or an image, and return the ids of what is gone."""
        digest = found.image.manifest.digest
        if found.tag:
            self._catalog.delete_tag(name, found.tag)
        if not found.tag or found.image.tags == (found.tag,):
            self._catalog.delete_image(name, digest)
            await self._storage.delete_manifest(name, digest)
        await self._repositories.record(name, digest)
        return [{"imageDigest": digest, "imageTag": found.tag}] if found.tag else _ids(found.image)

    def _lists_with(self, name: str, found: ImageId) -> list[str]:
        """Return the manifest lists that would lose an image."""
        if found.tag and len(found.image.tags) > 1:
            return []
        images = self._catalog.images(name)
        return [image.manifest.digest for image in images if found.image.manifest.digest in image.manifest.children]

    def _detail(self, name: str, image: Image) -> Values:
        manifest = image.manifest
        detail = {
            "registryId": self._account,
            "repositoryName": name,
            "imageDigest": manifest.digest,
            "imageSizeInBytes": manifest.size,
            "imagePushedAt": image.pushed_at,
            "imageManifestMediaType": manifest.media_type,
        }
        optional = {"imageTags": list(image.tags), "artifactMediaType": manifest.artifact_media_type}
        return detail | {key: value for key, value in optional.items() if value}

    def _entry(self, name: str, manifest: Manifest, tag: str | None, content: bytes) -> Values:
        return {
            "registryId": self._account,
            "repositoryName": name,
            "imageId": {"imageDigest": manifest.digest} | ({"imageTag": tag} if tag else {}),
            "imageManifest": content.decode(),
            "imageManifestMediaType": manifest.media_type,
        }


def _tag_exists(name: str, tag: str) -> AwsError:
    return AwsError("ImageTagAlreadyExistsException", tag_immutable_message(tag, name))


def _ids(image: Image) -> list[dict[str, str]]:
    digest = {"imageDigest": image.manifest.digest}
    return [digest | {"imageTag": tag} for tag in image.tags] or [digest]


def _has_status(image: Image, request: Values) -> bool:
    """Return whether the request's filter takes the image."""
    status = request.get("filter", {}).get("tagStatus", "ANY")
    return bool(status == "ANY") or (status == "TAGGED") == bool(image.tags)
