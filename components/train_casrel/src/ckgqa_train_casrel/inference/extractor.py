"""Extractor: a trained model folder that turns texts into triples.

extractor = load_extractor(Path("model"))
for triples in extractor.extract(["《长江》的导演是王明", ...]): ...
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from ckgqa.training.choices import Device
from ckgqa.training.distributed import choose_device
from ckgqa.training.precision import forward_precision, uses_bf16
from ckgqa_train_casrel.data.schema import Schema
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.inference.pipeline import decode_triples, predict_texts
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.checkpointing import load_model
from ckgqa_train_casrel.model.config import InferenceConfig
from ckgqa_train_casrel.model.thresholds import Thresholds


class Extractor:
    """Extracts the triples of texts of any length.

    Args:
        model: in evaluation mode, on its device.
        config: the schema, vocabulary and windows of the model.
        thresholds: the model's own, which were chosen on the validation split.
        bf16: whether to compute in bf16.
    """

    def __init__(self, model: CasRel, config: InferenceConfig, thresholds: Thresholds, bf16: bool) -> None:
        self._model, self._config = model, config
        self._device = next(model.parameters()).device
        self._bf16 = bf16
        self.thresholds = thresholds

    @property
    def schema(self) -> Schema:
        """The schema that the model was trained on."""
        return self._config.schema

    def extract(self, texts: Sequence[str], thresholds: Thresholds | None = None) -> list[list[ExtractedTriple]]:
        """Extract every text's triples.

        Args:
            texts: of any lengths; texts longer than the model's window are cut with overlap and merged.
            thresholds: other thresholds than the model's own.

        Returns:
            One list for each text, in the order of the texts.
        """
        used = thresholds or self.thresholds
        with torch.inference_mode(), forward_precision(self._bf16, self._device):
            predictions = predict_texts(self._model, self._config, texts, [used.subject], used.object)
        return decode_triples(predictions, self._config, used)


def load_extractor(model_folder: Path, device: Device = "auto") -> Extractor:
    """Load a model that `train` wrote.

    A model computes as it was trained: in bf16 only if training did and the device multiplies bf16 natively.

    Args:
        model_folder: a model folder; the caller unpacks an archive.
        device: `cpu`, `cuda`, or `auto` for a GPU if there is one.

    Raises:
        InputError: the folder holds no model of this version, or a broken one.
    """
    model, inference, config = load_model(model_folder)
    torch_device = choose_device(device)
    bf16 = config.bf16 and uses_bf16("auto", torch_device)
    return Extractor(model.to(torch_device), inference, config.thresholds, bf16)
