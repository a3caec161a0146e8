"""JointBERT as the shared training loop sees it: batches, loss and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from ckgqa.training.lengths import batches_by_length
from ckgqa.training.task import ParameterGroup
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.data.vocabulary import CharacterVocabulary
from ckgqa_train_jointbert.evaluation.scoring import QuestionScores, score
from ckgqa_train_jointbert.inference.predictor import MAX_QUESTIONS, Predictor
from ckgqa_train_jointbert.inference.torch_engine import TorchEngine
from ckgqa_train_jointbert.model.jointbert import JointBert
from ckgqa_train_jointbert.settings import TrainSettings
from ckgqa_train_jointbert.training.examples import EncodedQuestion, collate


@dataclass
class JointBertTask:
    """Implements `ckgqa.training.task.TrainingTask`."""

    model: JointBert
    labels: Labels
    vocabulary: CharacterVocabulary
    examples: Sequence[EncodedQuestion]
    validation: Sequence[LabelledQuestion]
    settings: TrainSettings
    device: torch.device
    unit: str = "questions"
    monitor: str = "exact_match"

    @cached_property
    def predictor(self) -> Predictor:
        """The predictor that runs the network with its current weights."""
        return Predictor(TorchEngine(self.model, self.device), self.vocabulary, self.labels, self.settings.window, 1.0)

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Group the parameters by learning rate and weight decay.

        A pretrained BERT's own weights have a rate of their own; biases, norms and embeddings do not decay.
        """
        s = self.settings
        has_own_rate = s.pretrained is not None
        groups: dict[tuple[float, float], list[Parameter]] = {}
        for name, parameter in self.model.named_parameters():
            rate = s.bert_learning_rate if has_own_rate and name.startswith("bert.") else s.learning_rate
            decays = parameter.ndim > 1 and "embedding" not in name
            groups.setdefault((rate, s.weight_decay if decays else 0.0), []).append(parameter)
        return [ParameterGroup(parameters, rate, decay) for (rate, decay), parameters in groups.items()]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """Shuffle the questions and group them by length."""
        generator = np.random.default_rng((self.settings.seed, epoch))
        lengths = [len(example.ids) for example in self.examples]
        return batches_by_length(lengths, self.settings.batch_characters, MAX_QUESTIONS, generator)

    def weight(self, batch: Sequence[int]) -> float:
        """Count the batch's questions."""
        return float(len(batch))

    def loss(self, items: Sequence[int]) -> Tensor:
        """Sum the loss over some questions."""
        ids, targets = collate([self.examples[index] for index in items], self.device)
        return self.model.loss(ids, targets)

    def validate(self) -> Mapping[str, float]:
        """Score the validation split."""
        scores = self.measure(self.predictor)
        return {
            "exact_match": scores.exact_match,
            "intent_accuracy": scores.intent_accuracy,
            "slot_f1": scores.slots.f1,
        }

    def measure(self, predictor: Predictor) -> QuestionScores:
        """Score a predictor on the validation split."""
        return score(self.validation, predictor.predict([question.text for question in self.validation]))
