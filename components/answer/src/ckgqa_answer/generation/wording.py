"""The wording of a reply: how the question was understood, the answer, and what is not known."""

from collections.abc import Sequence

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa.wording.phrases import asked_phrase, display_name, joined, measure_word, slot_note
from ckgqa_answer.retrieval.facts import RetrievedFact, RetrievedVertex
from ckgqa_answer.retrieval.search import Outcome, claimed_filler
from ckgqa_answer.understanding.coverage import LeftOut
from ckgqa_answer.understanding.interpretation import Interpretation, LinkedMention, RoleFiller
from ckgqa_answer.understanding.qualifiers import QualifierKind

OUTSIDE = "这个问题问的不是图谱里的事实，回答不了。"
OUTSIDE_UNDERSTOOD = "问的不是图谱里的事实"
UNCLEAR = "没有听懂这个问题。请用中文问一个图谱里的事实。"
NO_NAME = "没有听出问的是谁或什么，请在问题里说出名字。"
MAX_NOTES = 3
"""Notes behind one value; with more of them, none is shown."""
YES, NO = "是", "不是"
_QUALIFIER_KINDS: dict[QualifierKind, str] = {
    "negation": "否定",
    "exception": "排除",
    "ordinal": "次序",
    "superlative": "比较最高级",
    "time": "时间",
    "comparison": "比较",
    "restriction": "限定",
}


def understood(intent: Intent, fillers: Sequence[RoleFiller]) -> str:
    """Word how a question was understood: 问的是《战狼2》的导演."""
    if intent.kind == "yes_no":
        claim = next((filler for filler in fillers if filler.role == intent.chain[0].asked), fillers[-1])
        others = [filler for filler in fillers if filler is not claim]
        return f"问的是{_noun(intent, _by_role(others))}是不是{_together(claim)}"
    return f"问的是{_noun(intent, _by_role(fillers))}" + ("有多少" if intent.kind == "count" else "")


def partly_understood(intent: Intent, mentions: Sequence[LinkedMention]) -> str:
    """Word how a question was understood whose names are not known."""
    quoted = {mention.role: f"“{mention.slot.text}”" for mention in mentions}
    return f"问的是{_noun(intent, quoted)}" if intent.chain else ""


def answer(outcome: Outcome, facts: Sequence[RetrievedFact], max_listed: int) -> str:
    """Word the answer.

    Args:
        outcome: the interpretation with the graph's answer.
        facts: of the last step with all their slots, for the notes behind the values.
        max_listed: the most names that are listed.
    """
    interpretation, result = outcome.interpretation, outcome.result
    correction, doubt = _correction(interpretation), _doubt(outcome, max_listed)
    if interpretation.intent.kind == "yes_no":
        return correction + _yes_no(outcome, max_listed)
    noun = _noun(interpretation.intent, _by_role(interpretation.fillers))
    listed = _listed(outcome, facts, max_listed)
    if interpretation.intent.kind == "count":
        return f"{correction}{noun}共有 {result.total:,} {measure_word(result.values)}：{listed}。{doubt}"
    several = result.total > 1 and interpretation.intent.chain[-1].asked == SUBJECT
    return f"{correction}{noun}{'有' if noun.endswith('的') or several else '是'}{listed}。{doubt}"


def unsure(outcome: Outcome, facts: Sequence[RetrievedFact], rest: LeftOut, max_listed: int) -> str:
    """Word what is not sure to be the answer, and why it is not.

    Args:
        outcome: the interpretation with the graph's answer.
        facts: of the last step with all their slots, for the notes behind the values.
        rest: the parts of the question that the interpretation does not use.
        max_listed: the most names that are listed.
    """
    words = answer(outcome, facts, max_listed)
    if not rest:
        return f"不能确定。可能的答案：{words}"
    return left_out(rest) if rest.negates else f"{left_out(rest)}不考虑它的话：{words}"


def left_out(rest: LeftOut) -> str:
    """Word which parts of a question were not used or not understood."""
    reasons = [f"没有用到：{'、'.join(rest.names)}"] if rest.names else []
    qualifiers = "、".join(f"“{each.text}”（{_QUALIFIER_KINDS[each.kind]}）" for each in rest.qualifiers)
    reasons += [f"没有听懂：{qualifiers}"] if qualifiers else []
    return f"{'；'.join(reasons)}。所以没有回答。"


def with_examples(answer: str, examples: Sequence[str]) -> str:
    """Add questions that the graph can answer to a reply without an answer."""
    return f"{answer}例如：{''.join(examples)}" if examples else answer


def unknown_names(names: Sequence[str], known: Sequence[tuple[str, Sequence[str]]] = ()) -> str:
    """Word which names the graph does not have.

    Args:
        names: at least one, as in the question.
        known: names inside them that the graph has, and their types.
    """
    listed = "、".join(f"“{name}”" for name in names)
    answer = f"不知道：图谱里没有{listed}这{'个' if len(names) == 1 else '些'}名字。"
    return answer + "".join(f"您是不是要问{display_name(one, types)}？" for one, types in known)


def no_fact(interpretation: Interpretation) -> str:
    """Word that the names are known and the fact is not."""
    if interpretation.intent.kind == "yes_no":
        claim = understood(interpretation.intent, interpretation.fillers).removeprefix("问的是")
        return f"不知道：图谱里没有记载{claim}。"
    noun = _noun(interpretation.intent, _by_role(interpretation.fillers))
    end = "记载" if noun.endswith("的") else ""
    return f"{_correction(interpretation)}不知道：图谱里没有{noun}{end}。"


def ask_for_antecedent(pronoun: str) -> str:
    """Ask to whom a pronoun refers."""
    return f"不知道“{pronoun}”指的是谁或什么，请在问题里说出名字。"


def ask_for_predicate(name: str) -> str:
    """Ask what the question about a bare name is."""
    return f"想知道“{name}”的什么？"


def _noun(intent: Intent, words: dict[str, str]) -> str:
    """Word what an intent asks for."""
    noun = asked_phrase(intent.chain[0], words)
    for step in intent.chain[1:]:
        noun = asked_phrase(
            step, {step.given_role: noun if not noun.endswith("的") else f"{noun.removesuffix('的')}者"}
        )
    return noun


def _by_role(fillers: Sequence[RoleFiller]) -> dict[str, str]:
    return {filler.role: _together(filler) for filler in fillers}


def _together(filler: RoleFiller) -> str:
    return "、".join(display_name(name, filler.types) for name in filler.names)


def _correction(interpretation: Interpretation) -> str:
    """Word as which name a mistyped one was read."""
    fuzzy = [filler for filler in interpretation.fillers if filler.match == "fuzzy"]
    return "".join(f"没有“{filler.text}”，按“{filler.names[0]}”回答：" for filler in fuzzy)


def _doubt(outcome: Outcome, max_listed: int) -> str:
    """Word the values that better supported ones contradict."""
    names = [display_name(value.name, value.types) for value in outcome.doubtful]
    return f"另有存疑的记载：{joined(names, max_listed, len(names), '个')}。" if names else ""


def _listed(outcome: Outcome, facts: Sequence[RetrievedFact], max_listed: int) -> str:
    result, asked = outcome.result, outcome.interpretation.intent.chain[-1].asked
    stated = set(outcome.interpretation.names)
    words = [_value(vertex, asked, stated, facts) for vertex in result.values[:max_listed]]
    return joined(words, max_listed, result.total, measure_word(result.values))


def _value(vertex: RetrievedVertex, asked: str, stated: set[str], facts: Sequence[RetrievedFact]) -> str:
    """Word a value, with a note of the other slots of its facts: 46.55亿元（中国）."""
    notes: dict[str, None] = {}
    for fact in facts:
        value = fact.roles.get(asked)
        if value is not None and value.id == vertex.id:
            for role, other in sorted(fact.roles.items()):
                if role not in {SUBJECT, VALUE, asked, *stated}:
                    notes[slot_note(role, display_name(other.name, other.types))] = None
    note = f"（{'，'.join(notes)}）" if 0 < len(notes) <= MAX_NOTES else ""
    return display_name(vertex.name, vertex.types) + note


def _yes_no(outcome: Outcome, max_listed: int) -> str:
    interpretation, result = outcome.interpretation, outcome.result
    claim = claimed_filler(interpretation)
    words = _by_role([filler for filler in interpretation.fillers if filler is not claim])
    noun, claimed = _noun(interpretation.intent, words), _together(claim)
    verb = "包括" if noun.endswith("的") else "是"
    if not outcome.negative:
        return f"是的，{noun}{verb}{claimed}。"
    asked = _role_known_instead(outcome)
    names = [display_name(value.name, value.types) for value in result.values[:max_listed]]
    known = joined(names, max_listed, result.total, measure_word(result.values))
    if asked == claim.role:
        return f"不是，{noun}{verb}{known}，不是{claimed}。"
    others = _by_role([filler for filler in interpretation.fillers if filler.role != asked])
    other = asked_phrase(Step(interpretation.intent.chain[-1].predicate, asked), others)
    return f"不是，{other}{'有' if other.endswith('的') else '是'}{known}。"


def _role_known_instead(outcome: Outcome) -> str:
    """Return the role whose value the graph knows instead of the claimed one."""
    value, path = outcome.result.values[0], outcome.result.paths[0]
    return next(role for role, vertex in path[-1].roles.items() if vertex.id == value.id)
