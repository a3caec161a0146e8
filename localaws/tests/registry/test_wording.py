import pytest
from localaws.registry.images import ImageError
from localaws.registry.wording import image_failure, model_failure, processing_failure, pull_failure

ROLE = "arn:aws:iam::000000000000:role/job"
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app:v1"
TAIL = (
    f"and role {ROLE} has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
    "ecr:GetDownloadUrlForLayer"
)
KINDS = ["repository", "tag", "denied", "foreign", "engine"]


def error(kind, message="no space left"):
    return ImageError(kind, message, account="000000000000", repository="team/app", tag="v1")


@pytest.mark.parametrize(
    ("kind", "start", "checks"),
    [
        ("repository", "Cannot find repository: team/app in registry ID: 000000000000", "repository exists"),
        ("tag", "Cannot find the requested image: team/app:v1 in registry ID: 000000000000", "image exists"),
        (
            "denied",
            "Access denied for repository: team/app in registry ID: 000000000000.",
            "repository and image exist",
        ),
    ],
)
def test_training(kind, start, checks):
    assert image_failure(error(kind), IMAGE, ROLE) == f"{start} Please check if your ECR {checks} {TAIL}"


def test_training_with_another_registry():
    words = image_failure(error("foreign"), "python:3.11", ROLE)
    assert words.startswith("TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must be provided when ")


def test_a_model():
    words = {kind: model_failure(error(kind), IMAGE, ROLE) for kind in KINDS}
    assert words["repository"] == words["tag"] == f"Requested image {IMAGE} not found."
    assert words["denied"] == (
        f"Role {ROLE} cannot pull {IMAGE}. Ensure that the role exists and the image was granted pull permission."
    )
    assert words["foreign"] == f'Using non-ECR image "{IMAGE}" without Vpc repository access mode is not supported.'


def test_processing():
    prefix = "ClientError: API error (404):"
    assert processing_failure(error("tag"), IMAGE) == (
        f"{prefix} manifest for {IMAGE} not found: manifest unknown: Requested image not found"
    )
    assert processing_failure(error("repository", "The repository ..."), IMAGE) == (
        f"{prefix} repository {IMAGE.removesuffix(':v1')} not found: name unknown: The repository ..."
    )
    assert "denied: User: x is not authorized" in processing_failure(
        error("denied", "User: x is not authorized"), IMAGE
    )
    assert processing_failure(error("foreign"), "python").startswith("ClientError: Invalid image URI python.")


def test_a_later_pull():
    assert pull_failure(error("tag"), IMAGE) == (
        "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are "
        "incorrect."
    )


@pytest.mark.parametrize(
    "words",
    [
        image_failure(error("engine"), IMAGE, ROLE),
        model_failure(error("engine"), IMAGE, ROLE),
        processing_failure(error("engine"), IMAGE),
        pull_failure(error("engine"), IMAGE),
    ],
)
def test_our_own_trouble_is_not_worded_as_the_users(words):
    assert f"localaws cannot run the image {IMAGE}: no space left" in words
    assert "ClientError" not in words
