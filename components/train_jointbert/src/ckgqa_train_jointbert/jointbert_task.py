"""JointBERT as the shared loop sees it: its batches, its loss, its validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from ckgqa.training.lengths import batches_by_length
from ckgqa.training.task import ParameterGroup
from ckgqa_train_jointbert.bio import tag_ids
from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.model import NO_TAG, JointBert, Targets, TorchEngine
from ckgqa_train_jointbert.predictor import Predictor, pad
from ckgqa_train_jointbert.questions import Question
from ckgqa_train_jointbert.scoring import Scores, score
from ckgqa_train_jointbert.train_settings import TrainSettings
from ckgqa_train_jointbert.vocabulary import PADDING, Vocabulary

MAX_QUESTIONS = 128  # in a batch, however short they are
# Widths are multiples of this: oneDNN compiles its kernels anew for every shape. The tags are two narrower.
WIDTH_STEP = 8


@dataclass(frozen=True)
class Example:
    """One question as numbers."""

    ids: Sequence[int]
    """[CLS], T characters, [SEP]."""
    tags: Sequence[int]
    """T tags."""
    intents: tuple[int, int, int]


def make_example(question: Question, vocabulary: Vocabulary, labels: Labels) -> Example:
    """Turn a question into numbers."""
    tags = tag_ids(question.mentions, len(question.text), labels.roles)
    return Example(vocabulary.encode(question.text), tags, labels.intent_ids(question.intent))


def collate(examples: Sequence[Example], device: torch.device) -> tuple[Tensor, Targets]:
    """Put a batch into tensors, padded to the longest."""
    ids = pad([example.ids for example in examples], PADDING, WIDTH_STEP)
    framed = pad([[NO_TAG, *example.tags] for example in examples], NO_TAG)
    tags = np.full((len(examples), ids.shape[1] - 2), NO_TAG, dtype=np.int64)
    tags[:, : framed.shape[1] - 1] = framed[:, 1:]
    intents = torch.tensor([example.intents for example in examples])
    return torch.from_numpy(ids).long().to(device), Targets(intents.to(device), torch.from_numpy(tags).to(device))


@dataclass
class JointBertTask:
    """Implements `ckgqa.training.task.Task`."""

    model: JointBert
    labels: Labels
    vocabulary: Vocabulary
    examples: Sequence[Example]
    validation: Sequence[Question]
    settings: TrainSettings
    device: torch.device
    unit: str = "questions"
    best_by: str = "whole_accuracy"

    @cached_property
    def predictor(self) -> Predictor:
        """Give what reads questions by the network as it is."""
        return Predictor(TorchEngine(self.model, self.device), self.vocabulary, self.labels, self.settings.window, 1.0)

    def parameter_groups(self) -> Sequence[ParameterGroup]:
        """Give a pretrained BERT's own weights their smaller rate; biases, norms and embeddings do not decay."""
        s = self.settings
        groups: dict[tuple[float, float], list[Parameter]] = {}
        for name, parameter in self.model.named_parameters():
            own = bool(s.pretrained) and name.startswith("bert.")
            decays = parameter.ndim > 1 and "embedding" not in name
            key = (s.bert_learning_rate if own else s.learning_rate, s.weight_decay if decays else 0.0)
            groups.setdefault(key, []).append(parameter)
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
        found = self.measure(self.predictor)
        return {
            "whole_accuracy": found.whole_accuracy,
            "intent_accuracy": found.intent_accuracy,
            "slot_f1": found.slots.f1,
        }

    def measure(self, predictor: Predictor) -> Scores:
        """Score the validation split as a predictor reads it."""
        return score(self.validation, predictor.predict([question.text for question in self.validation]))
