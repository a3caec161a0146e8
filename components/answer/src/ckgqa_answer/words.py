"""The words of a reply: what was understood, the answer, and what is not known."""

from collections.abc import Sequence

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_answer.facts import Fact, Found, Vertex
from ckgqa_answer.outcome import Outcome, claimed
from ckgqa_answer.phrases import asked_for, joined, measure_of, named, slot_note
from ckgqa_answer.readings import Given, Mention, Reading

OUTSIDE = (
    "这个问题问的不是图谱里的事实，回答不了。"
    "可以问人物、作品、机构和地点的事实，例如某部电影的导演、某首歌的歌手、某人的妻子。"
)
OUTSIDE_UNDERSTOOD = "问的不是图谱里的事实"
UNCLEAR = "没有听懂这个问题。请用中文问一个关于人物、作品、机构或地点的事实，例如“《战狼2》是谁导演的？”"
NOBODY = "没有听出问的是谁或什么，请在问题里说出名字。"
MOST_NOTES = 3
"""Notes behind one value; more of them would bury it."""
YES, NO = "是", "不是"


def understood(intent: Intent, given: Sequence[Given]) -> str:
    """Say what a question was taken for: 问的是《战狼2》的导演."""
    words = _given_words(given)
    if intent.kind == "yes_no":
        target = next((one for one in given if one.role == intent.chain[0].asked), given[-1])
        rest = [one for one in given if one is not target]
        return f"问的是{_noun(intent, _given_words(rest))}是不是{_together(target)}"
    return f"问的是{_noun(intent, words)}" + ("有多少" if intent.kind == "count" else "")


def half_understood(intent: Intent, mentions: Sequence[Mention]) -> str:
    """Say what a question was taken for when its names are not known."""
    words = {mention.role: f"“{mention.slot.text}”" for mention in mentions}
    return f"问的是{_noun(intent, words)}" if intent.chain else ""


def answer(outcome: Outcome, shown: Sequence[Fact], most: int) -> str:
    """Say the answer.

    Args:
        outcome: what the graph said.
        shown: the facts of the last step with all their slots, for the notes behind the values.
        most: the most names that are listed.
    """
    reading, found = outcome.reading, outcome.found
    start = _corrected(reading)
    if reading.intent.kind == "yes_no":
        return start + _yes_no(outcome, most)
    noun = _noun(reading.intent, _given_words(reading.given))
    listed = _listed(reading, found, shown, most)
    if reading.intent.kind == "count":
        return f"{start}{noun}共有 {found.total:,} {measure_of(found.values)}：{listed}。"
    verb = "有" if noun.endswith("的") or (found.total > 1 and reading.intent.chain[-1].asked == SUBJECT) else "是"
    return f"{start}{noun}{verb}{listed}。"


def not_found(mentions: Sequence[Mention]) -> str:
    """Say which names the graph does not have."""
    names = "、".join(f"“{mention.slot.text}”" for mention in mentions)
    return f"不知道：图谱里没有{names}这个名字。" if len(mentions) == 1 else f"不知道：图谱里没有{names}这些名字。"


def no_fact(reading: Reading) -> str:
    """Say that the names are known and the fact is not."""
    if reading.intent.kind == "yes_no":
        return f"不知道：图谱里没有说{understood(reading.intent, reading.given).removeprefix('问的是')}。"
    noun = _noun(reading.intent, _given_words(reading.given))
    end = "记载" if noun.endswith("的") else ""
    return f"{_corrected(reading)}不知道：图谱里没有{noun}{end}。"


def whom(text: str) -> str:
    """Ask whom a pronoun means."""
    return f"不知道“{text}”指的是谁或什么，请在问题里说出名字。"


def what_of(name: str) -> str:
    """Ask what is wanted of a name that stands alone."""
    return f"想知道“{name}”的什么？例如“{name}的导演是谁”或“{name}的妻子是谁”。"


def _noun(intent: Intent, words: dict[str, str]) -> str:
    """Call what an intent asks for by what is given."""
    noun = asked_for(intent.chain[0], words)
    for step in intent.chain[1:]:
        noun = asked_for(step, {step.given: noun if not noun.endswith("的") else f"{noun.removesuffix('的')}者"})
    return noun


def _given_words(given: Sequence[Given]) -> dict[str, str]:
    return {one.role: _together(one) for one in given}


def _together(one: Given) -> str:
    return "、".join(named(name, one.types) for name in one.names)


def _corrected(reading: Reading) -> str:
    """Say as what a mistyped name was taken."""
    near = [one for one in reading.given if one.how == "near"]
    return "".join(f"没有“{one.text}”，按“{one.names[0]}”回答：" for one in near)


def _listed(reading: Reading, found: Found, shown: Sequence[Fact], most: int) -> str:
    asked = reading.intent.chain[-1].asked
    given = set(reading.names)
    words = [_value(vertex, asked, given, shown) for vertex in found.values[:most]]
    return joined(words, most, found.total, measure_of(found.values))


def _value(vertex: Vertex, asked: str, given: set[str], shown: Sequence[Fact]) -> str:
    """Write a value, with what its facts say more: 46.55亿元（中国）."""
    notes: dict[str, None] = {}
    for fact in shown:
        answering = fact.roles.get(asked)
        if answering is not None and answering.id == vertex.id:
            for role, other in sorted(fact.roles.items()):
                if role not in {SUBJECT, VALUE, asked, *given}:
                    notes[slot_note(role, named(other.name, other.types))] = None
    note = f"（{'，'.join(notes)}）" if 0 < len(notes) <= MOST_NOTES else ""
    return named(vertex.name, vertex.types) + note


def _yes_no(outcome: Outcome, most: int) -> str:
    reading = outcome.reading
    target = claimed(reading)
    words = _given_words([one for one in reading.given if one is not target])
    noun, claim = _noun(reading.intent, words), _together(target)
    link = "包括" if noun.endswith("的") else "是"
    if not outcome.no:
        return f"是的，{noun}{link}{claim}。"
    asked = _asked_instead(outcome)
    known = joined(
        [named(one.name, one.types) for one in outcome.found.values[:most]], most, outcome.found.total,
        measure_of(outcome.found.values),
    )  # fmt: skip
    if asked == target.role:
        return f"不是，{noun}{link}{known}，不是{claim}。"
    rest = _given_words([one for one in reading.given if one.role != asked])
    other = asked_for(Step(reading.intent.chain[-1].predicate, asked), rest)
    return f"不是，{other}{'有' if other.endswith('的') else '是'}{known}。"


def _asked_instead(outcome: Outcome) -> str:
    """Tell which role was found instead of what a question claimed."""
    value = outcome.found.values[0]
    way = outcome.found.ways[0]
    return next(role for role, vertex in way[-1].roles.items() if vertex.id == value.id)
