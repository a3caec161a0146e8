"""The operations that localaws offers, and the cases of the suite."""

from typing import Any
from unittest.mock import Mock

import pytest
from localaws.sagemaker.service import sagemaker_operations

from .case import Case
from .cases import models, package_groups, packages, processing, tags, training, transform

CASES: list[Case] = [
    *training.CASES,
    *processing.CASES,
    *transform.CASES,
    *models.CASES,
    *package_groups.CASES,
    *packages.CASES,
    *tags.CASES,
]
OFFERED = frozenset(sagemaker_operations(Mock()))
"""Names of the operations; nothing runs to find them."""


def each(cases: list[Case]) -> Any:
    """Return a mark that runs a test for each of some cases."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.operation)
