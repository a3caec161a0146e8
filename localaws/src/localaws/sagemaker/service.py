"""SageMaker as one service: the operations that localaws offers."""

import functools
from collections.abc import Mapping

from localaws.api import JsonService, Operation
from localaws.platform import Platform
from localaws.sagemaker.batch_transform.jobs import TransformJobs
from localaws.sagemaker.model_packages.groups import ModelPackageGroups
from localaws.sagemaker.model_packages.packages import ModelPackages
from localaws.sagemaker.model_packages.policies import ModelPackageGroupPolicies
from localaws.sagemaker.models.models import Models
from localaws.sagemaker.processing.jobs import ProcessingJobs
from localaws.sagemaker.tags import Tags, effective_tags
from localaws.sagemaker.training.jobs import TrainingJobs
from localaws.service_model import ServiceModel


def sagemaker_operations(platform: Platform) -> Mapping[str, Operation]:
    """Return all operations by name."""
    return {
        **TrainingJobs(platform).operations(),
        **ProcessingJobs(platform).operations(),
        **Models(platform).operations(),
        **ModelPackageGroups(platform).operations(),
        **ModelPackageGroupPolicies(platform).operations(),
        **ModelPackages(platform).operations(),
        **Tags(platform).operations(),
        **TransformJobs(platform).operations(),
    }


def sagemaker_service(platform: Platform, model: ServiceModel) -> JsonService:
    """Return the service."""
    tags = functools.partial(effective_tags, platform)
    return JsonService("sagemaker", model, platform.base, sagemaker_operations(platform), tags)
