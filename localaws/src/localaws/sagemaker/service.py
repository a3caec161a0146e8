"""SageMaker as one service: the operations that localaws offers."""

from collections.abc import Mapping

from localaws.api import JsonService, Operation
from localaws.platform import Platform
from localaws.sagemaker.processing import ProcessingJobs
from localaws.sagemaker.training import TrainingJobs
from localaws.service_model import ServiceModel


def sagemaker_operations(platform: Platform) -> Mapping[str, Operation]:
    """Return all operations by name."""
    return {**TrainingJobs(platform).operations(), **ProcessingJobs(platform).operations()}


def sagemaker_service(platform: Platform, model: ServiceModel) -> JsonService:
    """Return the service."""
    return JsonService("sagemaker", model, platform.base, sagemaker_operations(platform))
