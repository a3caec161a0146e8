"""AWS's words about an image that cannot be used. The sources are reports of users of SageMaker."""

from localaws.registry.images import ImageError

_PULL_ACTIONS = "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"


def image_failure(error: ImageError, image: str, role_arn: str) -> str:
    """Return what CreateTrainingJob answers as a ValidationException.

    Args:
        error: what is wrong with the image.
        image: the image name of the request.
        role_arn: the role that pulls the image.
    """
    registry = f"in registry ID: {error.account}"
    ending = f"and role {role_arn} has proper pull permissions for SageMaker: {_PULL_ACTIONS}"
    match error.kind:
        case "repository":
            # The full stop after the account's number is missing in AWS's words too.
            start = f"Cannot find repository: {error.repository} {registry}"
            return f"{start} Please check if your ECR repository exists {ending}"
        case "tag":
            start = f"Cannot find the requested image: {_join(error)} {registry}"
            return f"{start} Please check if your ECR image exists {ending}"
        case "denied":
            start = f"Access denied for repository: {error.repository} {registry}."
            return f"{start} Please check if your ECR repository and image exist {ending}"
        case "foreign":
            # The missing blank is AWS's.
            return (
                "TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must be provided when using a "
                "training image from a private Docker registry. Please provideTrainingImageConfig and "
                "TrainingRepositoryAccessMode set to VPC when using a training image from a private Docker registry."
            )
        case "engine":
            return _engine(error, image)


def pull_failure(error: ImageError, image: str) -> str:
    """Return the FailureReason of a training whose image could be used when it was created, but not any more."""
    if error.kind == "engine":
        return f"InternalServerError: {_engine(error, image)}"
    return (
        "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
        "incorrect."
    )


def processing_failure(error: ImageError, image: str) -> str:
    """Return the FailureReason of a processing job: its image is looked up when the job starts.

    A name that is none of ECR's is refused by CreateProcessingJob itself: see `processing_image_invalid`.
    """
    name = image.partition("@")[0].rpartition("/")
    repository = f"{name[0]}/{name[2].partition(':')[0]}"
    match error.kind:
        case "tag":
            words = f"manifest for {image} not found: manifest unknown: Requested image not found"
            return f"ClientError: API error (404): {words}"
        case "repository":
            return f"ClientError: API error (404): repository {repository} not found: name unknown: {error.message}"
        case "denied":
            words = "repository does not exist or may require 'docker login'"
            return (
                f"ClientError: API error (404): pull access denied for {repository}, {words}: denied: {error.message}"
            )
        case "foreign":
            return f"ClientError: {processing_image_invalid(image)}"
        case "engine":
            return f"InternalServerError: {_engine(error, image)}"


def processing_image_invalid(image: str) -> str:
    """Return what CreateProcessingJob answers to an image name that is none of ECR's."""
    words = "Please provide a valid Amazon Elastic Container Registry path of the Docker image to run."
    return f"Invalid image URI {image}. {words}"


def model_failure(error: ImageError, image: str, role_arn: str) -> str:
    """Return what CreateModel answers as a ValidationException.

    Args:
        error: what is wrong with the image.
        image: the image name of the request.
        role_arn: the role that pulls the image.
    """
    match error.kind:
        case "repository" | "tag":
            return f"Requested image {image} not found."
        case "denied":
            ensure = "Ensure that the role exists and the image was granted pull permission."
            return f"Role {role_arn} cannot pull {image}. {ensure}"
        case "foreign":
            return f'Using non-ECR image "{image}" without Vpc repository access mode is not supported.'
        case "engine":
            return _engine(error, image)


def _join(error: ImageError) -> str:
    """Return the image's name without its registry."""
    return f"{error.repository}{'@' if error.tag.startswith('sha256:') else ':'}{error.tag}"


def _engine(error: ImageError, image: str) -> str:
    """Return our own words: AWS has none for an engine of the user."""
    return f"localaws cannot run the image {image}: {error.message}"
