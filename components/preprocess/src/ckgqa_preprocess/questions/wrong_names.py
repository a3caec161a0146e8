"""Questions with names that are not quite right, and questions that no fact answers."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa.runtime.intents import Step
from ckgqa_preprocess.questions.desk import Desk, Draft
from ckgqa_preprocess.questions.graph import Given
from ckgqa_preprocess.questions.keys import bare
from ckgqa_preprocess.questions.makers import Asking, Maker
from ckgqa_preprocess.questions.neighbours import Neighbours, recombined
from ckgqa_preprocess.questions.readings import Readings

ALIAS_SHARE = 0.3  # of the questions with a near name, those that take an alias where there is one
UNKNOWN_SHARE = 0.4  # of the unanswerable ones, those about a name that the graph does not have
MIN_INVENTED_CHARS = 3


def near_names(asked: Iterable[Asking], neighbours: Neighbours) -> Iterator[Maker]:
    """Yield the makers of questions with a short, misspelled or misheard name."""
    for asking in _about_things(asked):
        label = f"{asking.intent.label} given {' '.join(sorted(asking.roles))}"
        yield Maker("near_name", label, asking.weight, partial(_near_name, asking, neighbours))


def unanswerable(asked: Iterable[Asking], neighbours: Neighbours, readings: Readings) -> Iterator[Maker]:
    """Yield the makers of questions that no fact answers."""
    for asking in _about_things(asked):
        label = f"{asking.intent.label} given {' '.join(sorted(asking.roles))}"
        yield Maker("unanswerable", label, asking.weight, partial(_unanswerable, asking, neighbours, readings))


def _about_things(asked: Iterable[Asking]) -> Iterator[Asking]:
    """Yield what can be asked of names that are no dates and numbers."""
    for asking in asked:
        plain = any(asking.desk.is_plain(asking.step.predicate, role) for role in asking.roles)
        if asking.intent.kind == "list" and asking.givens and not plain:
            yield asking


def _near_name(asking: Asking, neighbours: Neighbours, random: Random) -> Draft | None:
    """Ask with one name got wrong; None where the draw found no way."""
    given = random.choice(asking.givens)
    role, text = random.choice(given)
    name = asking.desk.graph.names[text]
    surface = neighbours.alias(name, random) if random.random() < ALIAS_SHARE else None
    if surface is not None and surface in asking.desk.graph.names and not asking.desk.allows(surface):
        surface = None
    surface = surface or neighbours.misspelled(name, random)
    return None if surface is None else replace(asking.draft(given, random, {role: surface}), shape="near_name")


def _unanswerable(asking: Asking, neighbours: Neighbours, readings: Readings, random: Random) -> Draft | None:
    """Ask about a name that nothing is known of; None where something is."""
    unknown = random.random() < UNKNOWN_SHARE
    given = _unknown(asking, neighbours, random) if unknown else _without_fact(asking, random)
    if given is None:
        return None
    draft = replace(asking.draft(given, random), shape="unanswerable")
    return None if _answered_otherwise(asking.desk, draft, asking.step, given, readings) else draft


def _unknown(asking: Asking, neighbours: Neighbours, random: Random) -> Given | None:
    """Put a name that the graph has not, and nothing near it, into a fact."""
    given = dict(random.choice(asking.givens))
    role = random.choice(sorted(given))
    pool = asking.desk.names_for(asking.step.predicate, role)
    invented = recombined(pool, random) if pool else ""
    if len(invented) < MIN_INVENTED_CHARS or neighbours.near(invented):
        return None
    return tuple(sorted((given | {role: invented}).items()))


def _without_fact(asking: Asking, random: Random) -> Given | None:
    """Take names of the graph that no such fact has, of the types that it asks for."""
    desk, predicate = asking.desk, asking.step.predicate
    given = []
    for role in sorted(asking.roles):
        pool = desk.names_for(predicate, role)
        if not pool:
            return None
        given.append((role, random.choice(pool)))
    if not desk.graph.whole and dict(given).get(SUBJECT) not in desk.graph.subjects:
        return None  # other names may have facts that were not read
    return None if desk.graph.matching(predicate, tuple(given)) else tuple(given)


def _answered_otherwise(desk: Desk, draft: Draft, step: Step, given: Given, readings: Readings) -> bool:
    """Say whether the words may ask something else, too, that the graph does know of this name."""
    if len(given) != 1:
        return False
    section = desk.templates.predicate(step.predicate)
    akin = [name for name in section.words.get("akin", ()) if name in desk.schema.by_predicate] if section else []
    asked = {(other, role) for other in akin for role in desk.schema.types_of_roles(other)}
    asked |= {(other.predicate, role) for other, roles in readings.of(bare(draft.text.wording)) for role in roles}
    return any((*one, given[0][1]) in desk.graph.known for one in asked - {(step.predicate, given[0][0])})
