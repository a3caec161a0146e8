"""The network: padding has no influence, the loss is a sum over questions, and it learns a batch by heart."""

from collections.abc import Callable

import pytest
import torch
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.data.vocabulary import PADDING, UNKNOWN, CharacterVocabulary, learn_vocabulary
from ckgqa_train_jointbert.evaluation.scoring import score
from ckgqa_train_jointbert.inference.predictor import Predictor
from ckgqa_train_jointbert.inference.torch_engine import TorchEngine
from ckgqa_train_jointbert.model.bert import build_bert, fresh_architecture
from ckgqa_train_jointbert.model.jointbert import JointBert
from ckgqa_train_jointbert.training.examples import collate, encode_question

Made = Callable[..., list[LabelledQuestion]]
CPU = torch.device("cpu")
SIZES = fresh_architecture(hidden_size=32, layers=1, heads=2, window=64)


def network(
    labels: Labels, vocabulary: CharacterVocabulary, slot_weight: float = 1.0, masked: float = 0.0
) -> JointBert:
    torch.manual_seed(1)
    bert = build_bert(SIZES, len(vocabulary), dropout=0.0)
    return JointBert(bert, 32, labels, dropout=0.0, character_dropout=masked, slot_weight=slot_weight)


def test_padding_has_no_influence(labels: Labels, made: Made):
    questions = made(6)
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    model = network(labels, vocabulary).eval()
    together, _ = collate([encode_question(question, vocabulary, labels) for question in questions], CPU)
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
    ids, targets = collate([encode_question(question, vocabulary, labels) for question in questions], CPU)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        model.loss(ids, targets).div(len(questions)).backward()
        optimizer.step()
    predictor = Predictor(TorchEngine(model.eval(), CPU), vocabulary, labels, 64, 1.0)
    predictions = predictor.predict([question.text for question in questions])
    assert score(questions, predictions).exact_match == 1.0


def test_the_loss_is_a_sum_over_questions_in_which_slots_have_their_weight(labels: Labels, made: Made):
    questions = made(4)
    vocabulary = learn_vocabulary((question.text for question in questions), 1)
    examples = [encode_question(question, vocabulary, labels) for question in questions]

    def loss(weight: float, *chosen: int) -> float:
        batch = collate([examples[number] for number in chosen], CPU)
        return float(network(labels, vocabulary, weight).eval().loss(*batch).detach())

    whole = loss(1.0, 0, 1, 2, 3)
    assert whole == pytest.approx(loss(1.0, 0, 2) + loss(1.0, 1, 3), rel=1e-5)
    slots = whole - loss(0.0, 0, 1, 2, 3)
    assert slots > 0
    assert loss(3.0, 0, 1, 2, 3) == pytest.approx(whole + 2 * slots, rel=1e-5)


def test_masking_replaces_characters_alone(labels: Labels):
    vocabulary = CharacterVocabulary(tuple("abcdef"))
    model = network(labels, vocabulary, masked=0.5)
    ids = torch.tensor([vocabulary.encode("abcdef" * 50), [*vocabulary.encode("abc"), *[PADDING] * 297]])
    torch.manual_seed(0)
    masked = model._mask_characters(ids)
    changed = masked != ids
    assert 100 < int(changed.sum()) < 200
    assert set(masked[changed].tolist()) == {UNKNOWN}
    assert not changed[:, 0].any()
    assert not changed[1, 4:].any()
