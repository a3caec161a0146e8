"""Extractor: a trained model folder that turns texts into triples.

extractor = load_extractor(Path("model"))
for triples in extractor.extract(["《长江》的导演是王明", ...]): ...
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from ckgqa.training.distributed import choose_device
from ckgqa.training.precision import forward_precision, uses_bf16
from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.reading import Reader, read_texts, triples_of
from ckgqa_train_casrel.saving import load_model
from ckgqa_train_casrel.schema import Schema
from ckgqa_train_casrel.thresholds import Thresholds
from ckgqa_train_casrel.triples import Triple


class Extractor:
    """Finds the triples of texts of any length.

    Args:
        model: in evaluation mode, on its device.
        reader: what surrounds it.
        thresholds: those that were chosen on the validation split.
        bf16: compute in bf16.
    """

    def __init__(self, model: CasRel, reader: Reader, thresholds: Thresholds, bf16: bool) -> None:
        self._model, self._reader = model, reader
        self._device = next(model.parameters()).device
        self._bf16 = bf16
        self.thresholds = thresholds

    @property
    def schema(self) -> Schema:
        """The schema that the model was trained on."""
        return self._reader.schema

    def extract(self, texts: Sequence[str], thresholds: Thresholds | None = None) -> list[list[Triple]]:
        """Find every text's triples.

        Args:
            texts: of any lengths; longer ones than the model's window are cut with overlap and merged.
            thresholds: other thresholds than the model's own.

        Returns:
            One list for each text, in the order of the texts.
        """
        used = thresholds or self.thresholds
        with torch.inference_mode(), forward_precision(self._bf16, self._device):
            read = read_texts(self._model, self._reader, texts, [used.subject], used.object)
        return triples_of(read, self._reader, used)


def load_extractor(model_folder: Path, device: str = "auto") -> Extractor:
    """Load what `train` wrote. A model computes as it was trained: in bf16 only if training did, and if it is native.

    Args:
        model_folder: a model folder; an archive is unpacked by the caller.
        device: `cpu`, `cuda`, or `auto` for a GPU where there is one.

    Raises:
        InputError: the folder is no model, of another version, or broken.
    """
    model, reader, config = load_model(model_folder)
    place = choose_device(device)
    bf16 = config.bf16 and uses_bf16("auto", place)
    return Extractor(model.to(place), reader, config.thresholds, bf16)
