"""Extractor: a trained model folder that turns texts into triples.

    extractor = load_extractor(Path("model"))
    for triples in extractor.extract(["战狼的导演是吴京", "..."]): ...
"""

from collections.abc import Sequence
from pathlib import Path

from ckgqa_train_casrel.schema import Schema
from ckgqa_train_casrel.thresholds import Thresholds
from ckgqa_train_casrel.triples import Triple


class Extractor:
    """Finds the triples of texts of any length."""

    schema: Schema
    thresholds: Thresholds

    def extract(self, texts: Sequence[str], thresholds: Thresholds | None = None) -> list[list[Triple]]:
        """Find every text's triples, in the order of the texts."""
        raise NotImplementedError


def load_extractor(model_folder: Path, device: str = "auto") -> Extractor:
    """Load what `train` wrote."""
    raise NotImplementedError
