"""The shipped wordings of questions cover the bundled sample's schema."""

from random import Random

import pytest
from ckgqa_preprocess.questions.templates.ambiguity import AmbiguityIndex
from ckgqa_preprocess.questions.templates.catalogue import build_catalogue
from ckgqa_preprocess.questions.templates.loader import read_templates
from ckgqa_preprocess.questions.templates.wording_key import normalize_wording
from ckgqa_preprocess.schema import PredicateSignature, Schema

from ckgqa.runtime.intents import Step
from ckgqa.sample.tables import read_schema
from components.preprocess.tests.questions.brute import drawn

LEAST_WORDINGS = 10


@pytest.fixture(scope="module")
def templates():
    return read_templates(None)


@pytest.fixture(scope="module")
def whole_schema() -> Schema:
    """Return the bundled sample's schema, which has every predicate that wordings are shipped for."""
    return Schema(
        PredicateSignature(line["predicate"], line["subject_type"], dict(line["object_type"]), number)
        for number, line in enumerate(read_schema(), start=1)
    )


def test_the_ambiguity_index_finds_every_predicate_that_a_wording_may_ask(templates, whole_schema) -> None:
    catalogue = build_catalogue(templates, whole_schema)
    ambiguity = AmbiguityIndex(catalogue)
    rng = Random(3)
    for (kind, step, roles), phrasings in catalogue.questions.items():
        if kind == "list":
            wording = rng.choice(sorted(drawn(rng.choice(phrasings).pattern)))
            assert (step, roles) in ambiguity.meanings(normalize_wording(wording)), (step, wording)
    assert {step.label for step, _ in ambiguity.meanings(normalize_wording("□跟谁结的婚"))} == {
        "妻子/@value",
        "丈夫/@value",
    }
    assert ambiguity.meanings(normalize_wording("今天天气怎么样")) == []


def test_every_shipped_predicate_has_wordings_enough_and_half_of_them_without_its_name(templates, whole_schema) -> None:
    for predicate in whole_schema.by_predicate:
        section = templates.predicates[predicate]
        for key in ("ask @value", "ask subject"):
            lines = [wording.line.text for wording in section.all(key)]
            named = [one for one in section.all(key) if all(predicate in words for words in drawn(one.pattern))]
            assert len(lines) == len(set(lines)) >= LEAST_WORDINGS, (predicate, key)
            assert len(named) * 2 <= len(lines), (predicate, key, [one.line.text for one in named])


def test_every_shipped_role_is_one_of_its_predicate_and_every_role_can_be_asked(templates, whole_schema) -> None:
    catalogue = build_catalogue(templates, whole_schema)
    asked = {step for kind, step, _ in catalogue.questions if kind == "list"}
    for predicate in whole_schema.by_predicate:
        roles = whole_schema.types_of_roles(predicate).keys()
        section = templates.predicates[predicate]
        used = {role for wordings in section.lists.values() for one in wordings for role in one.pattern.roles}
        assert used <= roles, predicate
        assert {Step(predicate, role) for role in roles} <= asked, predicate
        assert section.all("yes_no"), predicate
    assert catalogue.without_templates == []
