"""CasRel as a task of the shared training loop: its batches, its loss, its validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from ckgqa.training.lengths import batches_by_length
from ckgqa.training.task import ParameterGroup
from ckgqa_train_casrel.data.batches import collate, collate_targets
from ckgqa_train_casrel.data.examples import WindowExample
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.inference.tuning import score_validation
from ckgqa_train_casrel.model.bert import BertEncoder
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.config import InferenceConfig
from ckgqa_train_casrel.settings import TrainSettings

MAX_WINDOWS = 128  # in a batch, however short they are


@dataclass
class CasRelTask:
    """Implements `ckgqa.training.task.TrainingTask`."""

    model: CasRel
    inference: InferenceConfig
    examples: Sequence[WindowExample]
    validation: Sequence[LabelledSentence]
    settings: TrainSettings
    device: torch.device
    unit: str = "sentences"
    monitor: str = "f1"

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Group the parameters: a BERT's weights have their own rate; biases, norms and embeddings do not decay."""
        s = self.settings
        bert = isinstance(self.model.encoder, BertEncoder)
        groups: dict[tuple[float, float], list[Parameter]] = {}
        for name, parameter in self.model.named_parameters():
            rate = s.bert_learning_rate if bert and name.startswith("encoder.") else s.learning_rate
            decays = parameter.ndim > 1 and "embedding" not in name
            groups.setdefault((rate, s.weight_decay if decays else 0.0), []).append(parameter)
        return [ParameterGroup(parameters, rate, decay) for (rate, decay), parameters in groups.items()]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """Shuffle the windows and group them by length."""
        generator = np.random.default_rng((self.settings.seed, epoch))
        lengths = [len(example.inputs) for example in self.examples]
        return batches_by_length(lengths, self.settings.batch_characters, MAX_WINDOWS, generator)

    def weight(self, batch: Sequence[int]) -> float:
        """Count the batch's characters."""
        return float(sum(len(self.examples[index].inputs) for index in batch))

    def loss(self, items: Sequence[int]) -> Tensor:
        """Sum the pointers' cross-entropy over some windows, all their subjects at once."""
        examples = [self.examples[index] for index in items]
        batch = collate([example.inputs for example in examples], self.device)
        targets = collate_targets(examples, self.model.labels, self.settings.negative_subject_prob, self.device)
        return self.model.loss(batch, targets)

    def validate(self) -> Mapping[str, float]:
        """Score the validation split as the challenge does, at the best minimum score of a triple."""
        scores = score_validation(self.model, self.inference, self.validation)
        return {"f1": scores.f1, "precision": scores.precision, "recall": scores.recall}
