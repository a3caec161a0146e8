"""The best supported values of an answer, where the graph's facts contradict each other.

A graph that a machine read has a second husband for many a wife. Of a predicate that usually has one value a subject,
the labelled values count; without any, the one with the highest score, then the most sentences. The others are kept
apart, as doubtful. A phrase around another value of the same subject goes altogether.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa_answer.retrieval.facts import QueryResult, RetrievedFact, RetrievedVertex
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import facts_with_subjects
from ckgqa_answer.retrieval.value_counts import ValueCounts

_CLAUSE = re.compile(
    "[，。、；：,;:]|[是的了嫁娶和与及等被把由叫说在为]|导演|主演|饰演|演唱|太太|妻子|丈夫|老公|老婆|父亲|母亲"
)
"""What a phrase has beside the name in it, and few names have."""
_Key = tuple[str, str, str]
"""Subject's id, predicate and value's id of a fact."""


@dataclass(frozen=True)
class Supported:
    """The supported part of a result, and the values of the rest."""

    result: QueryResult
    doubtful: tuple[RetrievedVertex, ...] = ()


def best_supported(
    graph: GraphClient, chain: Sequence[Step], result: QueryResult, value_counts: ValueCounts
) -> Supported:
    """Separate the values that better supported facts contradict.

    Args:
        graph: the graph.
        chain: the steps that led to the result.
        result: of a look-up.
        value_counts: of the graph.

    Raises:
        GraphError: the graph is down, late or busy.
    """
    if result.is_labelled:
        return Supported(result)
    rivals = [*result.facts, *_rivals(graph, chain, result, value_counts)]
    contradicted = _contradicted(rivals, value_counts)
    paths = tuple(path for path in result.paths if all(_key(fact) not in contradicted for fact in path))
    if len(paths) == len(result.paths):
        return Supported(result)
    asked = chain[-1].asked
    kept = {path[-1].roles[asked].id: path[-1].roles[asked] for path in paths}
    gone = [value for value in result.values if value.id not in kept]
    names = [value.name for value in kept.values()]
    doubtful = tuple(value for value in gone if not any(_is_around(value.name, name) for name in names))
    return Supported(QueryResult(paths, tuple(kept.values()), max(len(kept), result.total - len(gone))), doubtful)


def _rivals(
    graph: GraphClient, chain: Sequence[Step], result: QueryResult, value_counts: ValueCounts
) -> list[RetrievedFact]:
    """Fetch the other values of the subjects that an answer consists of: who else is said to be her husband."""
    rivals: list[RetrievedFact] = []
    for position, step in enumerate(chain):
        facts = [path[position] for path in result.paths if not path[position].is_labelled]
        if step.asked != VALUE and facts and value_counts.has_usually_one_value(step.predicate):
            subjects = sorted({fact.roles[SUBJECT].id for fact in facts})
            rivals += facts_with_subjects(graph, subjects, step.predicate)
    return rivals


def _contradicted(facts: Iterable[RetrievedFact], value_counts: ValueCounts) -> set[_Key]:
    """Return the facts that others of the same subject and predicate contradict."""
    groups: defaultdict[tuple[str, str], dict[str, RetrievedFact]] = defaultdict(dict)
    for fact in facts:
        groups[fact.roles[SUBJECT].id, fact.predicate].setdefault(fact.roles[VALUE].id, fact)
    contradicted: set[_Key] = set()
    for (_, predicate), by_value in groups.items():
        if len(by_value) > 1:
            kept = _kept(list(by_value.values()), one=value_counts.has_usually_one_value(predicate))
            contradicted |= {_key(fact) for fact in by_value.values() if fact not in kept}
    return contradicted


def _kept(facts: Sequence[RetrievedFact], *, one: bool) -> list[RetrievedFact]:
    """Return the facts of one subject and predicate that count.

    Args:
        facts: at least two, each with another value.
        one: whether the predicate usually has one value a subject.
    """
    labelled = [fact for fact in facts if fact.is_labelled]
    if one and labelled:
        return labelled
    whole = [fact for fact in facts if fact.is_labelled or not _is_phrase(fact, facts)]
    return [min(whole, key=_rank)] if one else whole


def _rank(fact: RetrievedFact) -> tuple[bool, float, int, str]:
    """Sort a value that is the subject itself last, then by score and count."""
    return fact.subject == fact.value, -fact.score, -fact.count, fact.value


def _is_phrase(fact: RetrievedFact, others: Sequence[RetrievedFact]) -> bool:
    """Return whether a value is a phrase around a better one: 徐帆嫁给了冯小刚 (Xu married Feng) around 冯小刚.

    A longer name is no phrase: 金鸡奖最佳影片 beside 金鸡奖, or a date beside its year.
    """
    better = (other.value for other in others if other.is_labelled or other.score >= fact.score)
    return any(_is_around(fact.value, value) for value in better)


def _is_around(phrase: str, value: str) -> bool:
    rest = phrase.replace(value, "", 1)
    return len(value) > 1 and phrase != value and value in phrase and _CLAUSE.search(rest) is not None


def _key(fact: RetrievedFact) -> _Key:
    return fact.roles[SUBJECT].id, fact.predicate, fact.roles[VALUE].id
