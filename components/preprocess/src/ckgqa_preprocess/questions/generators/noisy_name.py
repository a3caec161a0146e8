"""Questions with noisy names, and questions without an answer in the graph."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa.runtime.intents import Step
from ckgqa_preprocess.questions.generators.generator import QuestionDraft, QuestionGenerator
from ckgqa_preprocess.questions.generators.one_hop import QuestionType
from ckgqa_preprocess.questions.generators.split_view import SplitView
from ckgqa_preprocess.questions.graph.facts import RoleNames
from ckgqa_preprocess.questions.graph.name_noise import NameNoise, recombine
from ckgqa_preprocess.questions.templates.ambiguity import AmbiguityIndex
from ckgqa_preprocess.questions.templates.wording_key import normalize_wording

ALIAS_SHARE = 0.3  # of the questions with a noisy name: an alias, if there is one
UNKNOWN_SHARE = 0.4  # of the unanswerable questions: about a name that the graph lacks
MIN_INVENTED_CHARS = 3


def noisy_name_generators(types: Iterable[QuestionType], noise: NameNoise) -> Iterator[QuestionGenerator]:
    """Yield the generators of questions with an alias, a misspelled or a misheard name."""
    for one in _about_entities(types):
        yield QuestionGenerator("near_name", one.label, one.weight, partial(_with_noisy_name, one, noise))


def unanswerable_generators(
    types: Iterable[QuestionType], noise: NameNoise, ambiguity: AmbiguityIndex
) -> Iterator[QuestionGenerator]:
    """Yield the generators of questions that no fact answers."""
    for one in _about_entities(types):
        yield QuestionGenerator("unanswerable", one.label, one.weight, partial(_unanswerable, one, noise, ambiguity))


def _about_entities(types: Iterable[QuestionType]) -> Iterator[QuestionType]:
    """Yield the questions for names that name no dates or numbers."""
    for one in types:
        literal = any(one.view.is_literal(one.step.predicate, role) for role in one.roles)
        if one.intent.kind == "list" and one.role_names and not literal:
            yield one


def _with_noisy_name(question_type: QuestionType, noise: NameNoise, rng: Random) -> QuestionDraft | None:
    """Draft a question with one noisy name; None if the random choices lead to none."""
    view = question_type.view
    names = rng.choice(question_type.role_names)
    role, name = rng.choice(names)
    entity = view.graph.entities[name]
    surface = noise.unique_alias(entity, rng) if rng.random() < ALIAS_SHARE else None
    predicate = question_type.step.predicate
    if surface is not None and surface in view.graph.entities and not view.allows_role(predicate, role, surface):
        surface = None
    surface = surface or noise.misspell(entity, rng)
    return None if surface is None else replace(question_type.draft(names, rng, {role: surface}), shape="near_name")


def _unanswerable(
    question_type: QuestionType, noise: NameNoise, ambiguity: AmbiguityIndex, rng: Random
) -> QuestionDraft | None:
    """Draft a question that no fact answers; None if the random choices lead to an answerable one."""
    unknown = rng.random() < UNKNOWN_SHARE
    names = _with_unknown_name(question_type, noise, rng) if unknown else _without_fact(question_type, rng)
    if names is None:
        return None
    draft = replace(question_type.draft(names, rng), shape="unanswerable")
    return None if _answered_otherwise(question_type.view, draft, question_type.step, names, ambiguity) else draft


def _with_unknown_name(question_type: QuestionType, noise: NameNoise, rng: Random) -> RoleNames | None:
    """Replace a name of a fact by one that the graph lacks and that is similar to none of its names."""
    names = dict(rng.choice(question_type.role_names))
    role = rng.choice(sorted(names))
    pool = question_type.view.names_for(question_type.step.predicate, role)
    invented = recombine(pool, rng) if pool else ""
    if len(invented) < MIN_INVENTED_CHARS or noise.similar_names(invented):
        return None
    return tuple(sorted((names | {role: invented}).items()))


def _without_fact(question_type: QuestionType, rng: Random) -> RoleNames | None:
    """Draw names of the graph that have the right types but no such fact."""
    view, predicate = question_type.view, question_type.step.predicate
    names = []
    for role in sorted(question_type.roles):
        pool = view.names_for(predicate, role)
        if not pool:
            return None
        names.append((role, rng.choice(pool)))
    if not view.graph.complete and dict(names).get(SUBJECT) not in view.graph.subjects:
        return None  # other names may have facts in the part of the graph that was not read
    return None if view.graph.matching(predicate, tuple(names)) else tuple(names)


def _answered_otherwise(
    view: SplitView, draft: QuestionDraft, step: Step, names: RoleNames, ambiguity: AmbiguityIndex
) -> bool:
    """Return whether the wording may also ask another predicate, of which the graph has a fact with this name."""
    if len(names) != 1:
        return False
    ((role, name),) = names
    section = view.templates.predicate(step.predicate)
    akin = [other for other in section.words.get("akin", ()) if other in view.schema.by_predicate] if section else []
    meanings = {(other, akin_role) for other in akin for akin_role in view.schema.types_of_roles(other)}
    for other_step, roles in ambiguity.meanings(normalize_wording(draft.text.wording)):
        meanings |= {(other_step.predicate, other_role) for other_role in roles}
    return any((*meaning, name) in view.graph.by_argument for meaning in meanings - {(step.predicate, role)})
