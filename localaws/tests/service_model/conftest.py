"""The model of SageMaker that botocore brings, and a small one with every kind of shape."""

from pathlib import Path

import botocore
import pytest
from localaws.service_model import ServiceModel, load_service_model

MODELS = Path(botocore.__file__).parent / "data"

SMALL = {
    "metadata": {"apiVersion": "2020-01-01", "targetPrefix": "Small"},
    "operations": {
        "Put": {"input": {"shape": "PutRequest"}, "output": {"shape": "PutResult"}},
        "Ping": {},
    },
    "shapes": {
        "PutRequest": {
            "type": "structure",
            "required": ["Name"],
            "members": {
                "Name": {"shape": "Name"},
                "Color": {"shape": "Color"},
                "Count": {"shape": "Count"},
                "Size": {"shape": "Size"},
                "Weight": {"shape": "Weight"},
                "Ratio": {"shape": "Ratio"},
                "Enabled": {"shape": "Enabled"},
                "Since": {"shape": "Since"},
                "Day": {"shape": "Day"},
                "Payload": {"shape": "Payload"},
                "Anything": {"shape": "Anything"},
                "Password": {"shape": "Password"},
                "Passwords": {"shape": "Passwords"},
                "Logins": {"shape": "Logins"},
                "Names": {"shape": "Names"},
                "Colors": {"shape": "Colors"},
                "Matrix": {"shape": "Matrix"},
                "Labels": {"shape": "Labels"},
                "Counts": {"shape": "Counts"},
                "Parts": {"shape": "Parts"},
                "PartsByName": {"shape": "PartsByName"},
                "NamesByName": {"shape": "NamesByName"},
                "Tree": {"shape": "Tree"},
                "Choice": {"shape": "Choice"},
                "ModelName": {"shape": "Name", "locationName": "name-of-model"},
            },
        },
        "PutResult": {
            "type": "structure",
            "required": ["Name"],
            "members": {
                "Name": {"shape": "Name"},
                "Color": {"shape": "Color"},
                "Count": {"shape": "Count"},
                "Ratio": {"shape": "Ratio"},
                "Enabled": {"shape": "Enabled"},
                "Since": {"shape": "Since"},
                "Day": {"shape": "Day"},
                "Payload": {"shape": "Payload"},
                "Anything": {"shape": "Anything"},
                "Parts": {"shape": "Parts"},
                "Labels": {"shape": "Labels"},
                "Tree": {"shape": "Tree"},
                "Choice": {"shape": "Choice"},
            },
        },
        "Name": {"type": "string", "min": 1, "max": 4, "pattern": "[a-z]*"},
        "Color": {"type": "string", "enum": ["red", "blue"]},
        "Count": {"type": "integer", "min": 1, "max": 10},
        "Size": {"type": "long", "max": 5000000000},
        "Weight": {"type": "float", "min": 0, "max": 1},
        "Ratio": {"type": "double"},
        "Enabled": {"type": "boolean"},
        "Since": {"type": "timestamp"},
        "Day": {"type": "timestamp", "timestampFormat": "iso8601"},
        "Payload": {"type": "blob", "max": 3},
        "Anything": {"type": "structure", "members": {}, "document": True},
        "Password": {"type": "string", "min": 6, "sensitive": True},
        "Passwords": {"type": "list", "member": {"shape": "Password"}, "max": 2},
        "Logins": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Password"}},
        "Names": {"type": "list", "member": {"shape": "Name"}, "min": 1, "max": 2},
        "Colors": {"type": "list", "member": {"shape": "Color"}},
        "Matrix": {"type": "list", "member": {"shape": "Names"}},
        "Labels": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Label"}, "max": 2},
        "Label": {"type": "string", "max": 5},
        "Counts": {"type": "map", "key": {"shape": "Color"}, "value": {"shape": "Count"}},
        "Part": {"type": "structure", "required": ["Name"], "members": {"Name": {"shape": "Name"}}},
        "Parts": {"type": "list", "member": {"shape": "Part"}, "max": 2},
        "PartsByName": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Part"}},
        "NamesByName": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Names"}},
        "Tree": {"type": "structure", "members": {"Count": {"shape": "Count"}, "Children": {"shape": "Trees"}}},
        "Trees": {"type": "list", "member": {"shape": "Tree"}},
        "Choice": {
            "type": "structure",
            "union": True,
            "members": {"Name": {"shape": "Name"}, "Count": {"shape": "Count"}},
        },
    },
}


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of botocore's models."""
    return MODELS


@pytest.fixture(scope="session")
def sagemaker() -> ServiceModel:
    return load_service_model(MODELS, "sagemaker")


@pytest.fixture(scope="session")
def small() -> ServiceModel:
    return ServiceModel("small", SMALL)
