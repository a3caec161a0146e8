"""Questions as numbers, and batches of them as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.data.vocabulary import PADDING, CharacterVocabulary
from ckgqa_train_jointbert.inference.bio import tag_ids
from ckgqa_train_jointbert.inference.predictor import pad
from ckgqa_train_jointbert.model.jointbert import IGNORED_TAG, JointBertTargets

# Widths are multiples of this, because oneDNN compiles its kernels anew for every shape; the tags are two narrower.
WIDTH_STEP = 8


@dataclass(frozen=True)
class EncodedQuestion:
    """A question as numbers."""

    ids: Sequence[int]
    """[CLS], T characters, [SEP]."""
    tags: Sequence[int]
    """T tags."""
    intents: tuple[int, int, int]


def encode_question(question: LabelledQuestion, vocabulary: CharacterVocabulary, labels: Labels) -> EncodedQuestion:
    """Encode a question and its labels."""
    tags = tag_ids(question.slots, len(question.text), labels.roles)
    return EncodedQuestion(vocabulary.encode(question.text), tags, labels.intent_ids(question.intent))


def collate(examples: Sequence[EncodedQuestion], device: torch.device) -> tuple[Tensor, JointBertTargets]:
    """Pad a batch to its longest question and move it to the device."""
    ids = pad([example.ids for example in examples], PADDING, WIDTH_STEP)
    framed = pad([[IGNORED_TAG, *example.tags] for example in examples], IGNORED_TAG)
    tags = np.full((len(examples), ids.shape[1] - 2), IGNORED_TAG, dtype=np.int64)
    tags[:, : framed.shape[1] - 1] = framed[:, 1:]
    intents = torch.tensor([example.intents for example in examples])
    targets = JointBertTargets(intents.to(device), torch.from_numpy(tags).to(device))
    return torch.from_numpy(ids).long().to(device), targets
