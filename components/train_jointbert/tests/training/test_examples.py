"""Questions become padded batches of numbers."""

from collections.abc import Callable

import torch
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.data.vocabulary import CLS, PADDING, SEP, learn_vocabulary
from ckgqa_train_jointbert.model.jointbert import IGNORED_TAG
from ckgqa_train_jointbert.training.examples import WIDTH_STEP, collate, encode_question

Made = Callable[..., list[LabelledQuestion]]
CPU = torch.device("cpu")


def test_a_batch_is_padded_with_ignored_tags(labels: Labels, made: Made):
    questions = sorted(made(5), key=lambda question: len(question.text))
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    ids, targets = collate([encode_question(question, vocabulary, labels) for question in questions], CPU)
    assert ids.shape[1] % WIDTH_STEP == 0
    assert targets.tags.shape == (5, ids.shape[1] - 2)
    shortest = len(questions[0].text)
    assert ids[0, [0, shortest + 1]].tolist() == [CLS, SEP]
    assert set(ids[0, shortest + 2 :].tolist()) == {PADDING}
    assert set(targets.tags[0, shortest:].tolist()) == {IGNORED_TAG}
    assert (targets.tags[0, :shortest] != IGNORED_TAG).all()
