"""The operations that localaws offers, and the cases of the suite."""

from typing import Any
from unittest.mock import Mock

import pytest
from localaws.sagemaker.service import sagemaker_operations

from .case import Case
from .cases import processing, training

CASES: list[Case] = [*training.CASES, *processing.CASES]
OFFERED = frozenset(sagemaker_operations(Mock()))
"""Names of the operations; nothing runs to find them."""


def each(cases: list[Case]) -> Any:
    """Return a mark that runs a test for each of some cases."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.operation)
