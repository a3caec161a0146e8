"""The network: padding is never read, a batch is its sentences, and both ways to join a subject learn."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from ckgqa_train_casrel.data.batches import SubjectPairs, WindowBatch, collate, collate_targets
from ckgqa_train_casrel.data.examples import WindowExample, encode_window, make_example
from ckgqa_train_casrel.data.schema import Schema
from ckgqa_train_casrel.data.vocabulary import learn_vocabulary
from ckgqa_train_casrel.model.build import build_bilstm, build_casrel
from ckgqa_train_casrel.model.casrel import MAX_DISTANCE, CasRel, _distances
from ckgqa_train_casrel.model.config import CasRelArchitecture, SubjectJoin
from ckgqa_train_casrel.model.encoder import drop_features, mirror_positions

TEXTS = ("《山河》由王明执导", "电影《星海》主演有李华、赵伟", "李华在《山河》中饰演王明，好看")
VOCABULARY = learn_vocabulary(TEXTS, 1, 100, 1)
SIZES = CasRelArchitecture("bilstm", 32, 2, 2, 16, 8, 4, 0.0, 0.0, "concat")
CPU = torch.device("cpu")


def build(join: SubjectJoin = "concat", **changed: float) -> CasRel:
    torch.manual_seed(7)
    sizes = replace(SIZES, subject_join=join, **changed)
    return build_casrel(build_bilstm(sizes, VOCABULARY), sizes, VOCABULARY.unknown, labels=4)


def inputs(texts: Sequence[str]) -> WindowBatch:
    return collate([encode_window(text, VOCABULARY) for text in texts], CPU)


def examples(schema: Schema, sentences) -> list[WindowExample]:
    return [make_example(s.text, s.triples, VOCABULARY, schema.label_ids) for s in sentences(12)]


def objects_of(model: CasRel, states: torch.Tensor, batch: WindowBatch, pairs: SubjectPairs) -> torch.Tensor:
    return model.object_logits(states, model.object_states(states, batch.mask), batch.mask, pairs)


@pytest.mark.parametrize("join", ["concat", "norm"])
def test_a_sentence_in_a_batch_gives_what_it_gives_alone(join: SubjectJoin):
    model = build(join).eval()
    together = inputs(TEXTS)
    states = model.encode(together)
    pairs = SubjectPairs(torch.tensor([0, 1, 2]), torch.tensor([[1, 2], [3, 4], [0, 1]]))
    objects = objects_of(model, states, together, pairs)
    subjects = model.subject_logits(states, together.mask)
    for row, text in enumerate(TEXTS):
        alone = inputs([text])
        own = model.encode(alone)
        one = SubjectPairs(torch.tensor([0]), pairs.spans[row : row + 1])
        n = len(text)
        torch.testing.assert_close(model.subject_logits(own, alone.mask)[0, :n], subjects[row, :n])
        torch.testing.assert_close(objects_of(model, own, alone, one)[0, :n], objects[row, :n])


def test_the_backward_direction_starts_at_the_last_character():
    assert mirror_positions(torch.tensor([3, 1]), 4).tolist() == [2, 1, 0, 3, 4, 5, 6, 7]


def test_distances_to_the_subject_are_signed_and_zero_inside():
    found = _distances(torch.tensor([[2, 3]]), 6) - MAX_DISTANCE
    assert found.tolist() == [[-2, -1, 0, 0, 1, 2]]


def test_the_loss_of_a_batch_is_the_sum_over_its_sentences(schema: Schema, sentences):
    model, batch = build(), examples(schema, sentences)
    whole = _loss(model, batch)
    torch.testing.assert_close(sum(_loss(model, [example]) for example in batch), whole)


def test_a_batch_without_any_subject_has_a_loss(schema: Schema):
    example = make_example("今天下雨", [], VOCABULARY, schema.label_ids)
    assert torch.isfinite(_loss(build(), [example]))


def _loss(model: CasRel, batch: Sequence[WindowExample]) -> torch.Tensor:
    return model.loss(collate([e.inputs for e in batch], CPU), collate_targets(batch, 4, 0.0, CPU))


def test_targets_mark_each_head_and_tail_of_every_pair(schema: Schema, sentences):
    batch = [e for e in examples(schema, sentences) if len(e.objects)]
    targets = collate_targets(batch, 4, 0.0, CPU)
    marked = {tuple(row) for row in targets.objects.nonzero().tolist()}
    wanted, before = set(), 0
    for example in batch:
        for subject, label, head, tail in example.objects.tolist():
            wanted |= {(before + subject, head, 2 * label), (before + subject, tail, 2 * label + 1)}
        before += len(example.subjects)
    assert marked == wanted
    assert len(targets.pairs.windows) == before


def test_negative_subjects_have_no_objects(schema: Schema, sentences):
    batch = [e for e in examples(schema, sentences) if len(e.negative_subjects)]
    without, with_one = (collate_targets(batch, 4, chance, CPU) for chance in (0.0, 1.0))
    assert len(with_one.pairs.windows) == len(without.pairs.windows) + len(batch)
    assert with_one.objects.sum() == without.objects.sum()
    torch.testing.assert_close(with_one.subjects, without.subjects)


def test_dropped_characters_are_seen_only_in_training():
    model = build(character_dropout=0.99)
    plain = inputs(TEXTS)
    torch.testing.assert_close(model.eval().encode(plain), model.eval().encode(plain))
    assert not torch.equal(model.train().encode(plain), model.eval().encode(plain))


def test_a_dropped_feature_is_dropped_at_every_position_of_a_sequence():
    torch.manual_seed(0)
    left = drop_features(torch.ones(4, 9, 50), 0.5, training=True)
    assert (left == left[:, :1]).all()
    assert set(left.unique().tolist()) == {0.0, 2.0}
    assert drop_features(left, 0.5, training=False) is left


@pytest.mark.parametrize("join", ["concat", "norm"])
def test_both_joins_learn_one_batch_by_heart(schema: Schema, sentences, join: SubjectJoin):
    model, batch = build(join), examples(schema, sentences)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = _loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() / sum(len(e.inputs) for e in batch) < 0.01
