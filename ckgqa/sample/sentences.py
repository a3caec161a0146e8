"""Words rows of facts as labelled sentences: the fields that a template names decide which triples it states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from ckgqa.sample.tables import SEPARATOR, Row, Rule, Table, Template

SILENT_SHARE = 0.06  # sentences without a triple
PAIR_SHARE = 0.25  # sentences that are two statements in one
FRAME_SHARE = 0.3  # sentences with an opening or an ending round them
OTHER_QUOTES_SHARE = 0.12  # titles quoted otherwise than by 《》
MAX_NAMES = 3  # of a list, such as a film's actors

OPENINGS = (
    "据报道，",
    "众所周知，",
    "资料显示，",
    "听说，",
    "小编了解到，",
    "百科上写着：",
    "【快讯】",
    "1、",
    "大家好，今天聊聊：",
    "其实",
    "说来有趣，",
    "顺便提一句，",
    "Tips: ",
    "#冷知识# ",
)
ENDINGS = (
    "，令人印象深刻",
    "，你知道吗？",
    "……",
    "！",
    "，网友纷纷点赞",
    "，这是常识",
    "，欢迎留言讨论",
    " 👍",
    "，详见下文",
    "，仅供参考",
    "，转发收藏",
    "~",
    "，想了解更多请点击链接",
)
JOINTS = ("。", "；", "。另外，", "，而", "。顺便一提，", " ")
QUOTES = (("“", "”"), ("【", "】"), ("「", "」"), ("<", ">"), ("", ""))
ALONE = ("《", "》")


@dataclass(frozen=True)
class Labelled:
    """One sentence with the triples that it states, in DuIE's form."""

    text: str
    triples: list[dict[str, object]]

    def to_json(self) -> dict[str, object]:
        """Return the line of a DuIE file."""
        return {"text": self.text, "spo_list": self.triples}


class Writer:
    """Makes sentences without end, none of them twice.

    Args:
        tables: the facts.
        types: predicate -> (subject's type, slot -> type).
        random: where every choice comes from.
        seen: texts made before, here or by another writer; grows.
    """

    def __init__(
        self, tables: list[Table], types: Mapping[str, tuple[str, Mapping[str, str]]], random: Random, seen: set[str]
    ) -> None:
        self.tables = tables
        self.types = types
        self.random = random
        self.seen = seen
        # Between "every table alike" and "every row alike": the small tables are heard of, the large ones lead.
        self.weights = [len(table.rows) ** 0.7 for table in tables]

    def sentences(self, count: int) -> Iterator[Labelled]:
        """Yield `count` sentences."""
        while count:
            made = self._sentence()
            if made.text not in self.seen:
                self.seen.add(made.text)
                count -= 1
                yield made

    def _sentence(self) -> Labelled:
        states_facts = self.random.random() >= SILENT_SHARE
        made = self._clause(states_facts)
        if states_facts and self.random.random() < PAIR_SHARE:
            other = self._clause(states_facts=True)
            made = Labelled(made.text + self.random.choice(JOINTS) + other.text, made.triples + other.triples)
        text = made.text
        if self.random.random() < FRAME_SHARE:
            text = self.random.choice(OPENINGS) + text
        text += self.random.choice(ENDINGS) if self.random.random() < FRAME_SHARE else self.random.choice(("。", ""))
        if self.random.random() < OTHER_QUOTES_SHARE:
            opening, closing = self.random.choice(QUOTES)
            text = text.replace(ALONE[0], opening).replace(ALONE[1], closing)
        return Labelled(text, _distinct(made.triples))

    def _clause(self, states_facts: bool) -> Labelled:
        """Word one row; a row that has no template with all its fields is passed over for another."""
        while True:
            table = self.random.choices(self.tables, self.weights)[0]
            row = self.random.choice(table.rows)
            fitting = [
                template
                for template in table.templates
                if template.states_facts == states_facts and all(row[field] for field in template.fields)
            ]
            if fitting:
                return self._word(self.random.choice(fitting), row, table.rules)

    def _word(self, template: Template, row: Row, rules: list[Rule]) -> Labelled:
        chosen = {field: self._names(row[field]) for field in template.fields}
        text = template.text.format_map({field: SEPARATOR.join(names) for field, names in chosen.items()})
        if not template.states_facts:
            return Labelled(text, [])
        return Labelled(text, [triple for rule in rules for triple in self._triples(rule, chosen)])

    def _names(self, value: str) -> list[str]:
        """Choose some of the names that a field holds, their order kept."""
        names = value.split(SEPARATOR)
        count = self.random.randint(1, min(len(names), MAX_NAMES))
        return [names[place] for place in sorted(self.random.sample(range(len(names)), count))]

    def _triples(self, rule: Rule, chosen: Mapping[str, list[str]]) -> Iterator[dict[str, object]]:
        """Yield the triples that a rule sees in the fields that were worded."""
        if rule.subject not in chosen or rule.slots["@value"] not in chosen:
            return
        subject_type, slot_types = self.types[rule.predicate]
        for value in chosen[rule.slots["@value"]]:
            slots = {slot: chosen[field][0] for slot, field in rule.slots.items() if field in chosen}
            slots["@value"] = value
            yield {
                "predicate": rule.predicate,
                "subject": chosen[rule.subject][0],
                "subject_type": subject_type,
                "object": slots,
                "object_type": {slot: slot_types[slot] for slot in slots},
            }


def _distinct(triples: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave out what was there before; two statements about one row may say the same."""
    kept: list[dict[str, object]] = []
    for triple in triples:
        if triple not in kept:
            kept.append(triple)
    return kept
