"""The network: one score for every character, padding that nobody reads, and a batch learned by heart."""

from collections.abc import Callable

import pytest
import torch
from ckgqa_train_jointbert.bert import build_bert, fresh_architecture
from ckgqa_train_jointbert.jointbert_task import WIDTH_STEP, collate, make_example
from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.model import NO_TAG, JointBert, TorchEngine
from ckgqa_train_jointbert.predictor import Predictor
from ckgqa_train_jointbert.questions import Question
from ckgqa_train_jointbert.scoring import score
from ckgqa_train_jointbert.vocabulary import CLS, PADDING, SEP, UNKNOWN, Vocabulary, learn_vocabulary

Made = Callable[..., list[Question]]
CPU = torch.device("cpu")
SIZES = fresh_architecture(hidden=32, layers=1, heads=2, window=64)


def network(labels: Labels, vocabulary: Vocabulary, slot_weight: float = 1.0, gaps: float = 0.0) -> JointBert:
    torch.manual_seed(1)
    bert = build_bert(SIZES, len(vocabulary), dropout=0.0)
    return JointBert(bert, 32, labels, dropout=0.0, character_dropout=gaps, slot_weight=slot_weight)


def test_a_batch_is_padded_with_labels_that_are_passed_over(labels: Labels, made: Made):
    questions = sorted(made(5), key=lambda question: len(question.text))
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    ids, targets = collate([make_example(question, vocabulary, labels) for question in questions], CPU)
    assert ids.shape[1] % WIDTH_STEP == 0
    assert targets.tags.shape == (5, ids.shape[1] - 2)
    shortest = len(questions[0].text)
    assert ids[0, [0, shortest + 1]].tolist() == [CLS, SEP]
    assert set(ids[0, shortest + 2 :].tolist()) == {PADDING}
    assert set(targets.tags[0, shortest:].tolist()) == {NO_TAG}
    assert (targets.tags[0, :shortest] != NO_TAG).all()


def test_padding_is_not_read(labels: Labels, made: Made):
    questions = made(6)
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    model = network(labels, vocabulary).eval()
    together, _ = collate([make_example(question, vocabulary, labels) for question in questions], CPU)
    intents, tags = model(together)
    for row, question in enumerate(questions):
        alone = torch.tensor([vocabulary.encode(question.text)])
        intent, tag = model(alone)
        torch.testing.assert_close(intent[0], intents[row], rtol=0, atol=1e-5)
        torch.testing.assert_close(tag[0], tags[row, : len(question.text)], rtol=0, atol=1e-5)


def test_a_batch_is_learned_by_heart(labels: Labels, made: Made):
    questions = made(12)
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    model = network(labels, vocabulary).train()
    ids, targets = collate([make_example(question, vocabulary, labels) for question in questions], CPU)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        model.loss(ids, targets).div(len(questions)).backward()
        optimizer.step()
    predictor = Predictor(TorchEngine(model.eval(), CPU), vocabulary, labels, 64, 1.0)
    readings = predictor.predict([question.text for question in questions])
    assert score(questions, readings).whole_accuracy == 1.0


def test_the_loss_is_a_sum_over_questions_in_which_slots_have_their_weight(labels: Labels, made: Made):
    questions = made(4)
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    examples = [make_example(question, vocabulary, labels) for question in questions]

    def loss(weight: float, *chosen: int) -> float:
        batch = collate([examples[number] for number in chosen], CPU)
        return float(network(labels, vocabulary, weight).eval().loss(*batch).detach())

    whole = loss(1.0, 0, 1, 2, 3)
    assert whole == pytest.approx(loss(1.0, 0, 2) + loss(1.0, 1, 3), rel=1e-5)
    slots = whole - loss(0.0, 0, 1, 2, 3)
    assert slots > 0
    assert loss(3.0, 0, 1, 2, 3) == pytest.approx(whole + 2 * slots, rel=1e-5)


def test_gaps_take_characters_alone(labels: Labels):
    vocabulary = Vocabulary(tuple("abcdef"))
    model = network(labels, vocabulary, gaps=0.5)
    ids = torch.tensor([vocabulary.encode("abcdef" * 50), [*vocabulary.encode("abc"), *[PADDING] * 297]])
    torch.manual_seed(0)
    holed = model._with_gaps(ids)
    changed = holed != ids
    assert 100 < int(changed.sum()) < 200
    assert set(holed[changed].tolist()) == {UNKNOWN}
    assert not changed[:, 0].any()
    assert not changed[1, 4:].any()
