"""Find and read a service's model in a folder like `botocore/data`."""

import gzip
import json
from pathlib import Path

from localaws.errors import LocalawsError
from localaws.service_model.model import ServiceModel


def load_service_model(models: Path, service: str) -> ServiceModel:
    """Read the newest API version of a service.

    Args:
        models: a folder like `botocore/data`.
        service: botocore's name of the service, such as `sagemaker`.

    Raises:
        LocalawsError: the folder has no model of the service, or the model cannot be read.
    """
    # The versions are dates, so that the last name is the newest version.
    files = sorted(models.glob(f"{service}/*/service-2.json*"), key=lambda file: (file.parent.name, file.name))
    if not files:
        raise LocalawsError(f"{models}: no service model of {service!r}; expected {service}/VERSION/service-2.json")
    try:
        content = files[-1].read_bytes()
        text = gzip.decompress(content) if files[-1].suffix == ".gz" else content
        return ServiceModel(service, json.loads(text))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise LocalawsError(f"{files[-1]}: not a service model ({error})") from error
