"""Check requests against the service model of botocore, and refuse them in AWS's words."""

from localaws.service_model.loading import load_service_model
from localaws.service_model.model import ServiceModel

__all__ = ["ServiceModel", "load_service_model"]
