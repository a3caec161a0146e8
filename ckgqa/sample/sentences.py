"""Realizes rows of facts as labelled sentences: the fields of a template decide which triples it states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from ckgqa.sample.tables import SEPARATOR, Row, Rule, Table, Template

SILENT_SHARE = 0.06  # sentences without a triple
PAIR_SHARE = 0.25  # sentences that are two statements in one
FRAME_SHARE = 0.3  # sentences with an opening or an ending
OTHER_QUOTES_SHARE = 0.12  # sentences whose titles are in other quotes than 《》
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
class SampleSentence:
    """One sentence with the triples that it states, in DuIE's form."""

    text: str
    triples: list[dict[str, object]]

    def to_json(self) -> dict[str, object]:
        """Return the line of a DuIE file."""
        return {"text": self.text, "spo_list": self.triples}


class SentenceWriter:
    """Generates any number of different sentences.

    Args:
        tables: the facts.
        types: predicate -> (subject's type, slot -> type).
        rng: the source of every random choice.
        seen: earlier texts of this writer and of others; receives the new ones.
    """

    def __init__(
        self, tables: list[Table], types: Mapping[str, tuple[str, Mapping[str, str]]], rng: Random, seen: set[str]
    ) -> None:
        self.tables = tables
        self.types = types
        self.rng = rng
        self.seen = seen
        # Between equal weights of tables and equal weights of rows: small tables are represented, large ones lead.
        self.weights = [len(table.rows) ** 0.7 for table in tables]

    def sentences(self, count: int) -> Iterator[SampleSentence]:
        """Yield `count` sentences."""
        while count:
            sentence = self._sentence()
            if sentence.text not in self.seen:
                self.seen.add(sentence.text)
                count -= 1
                yield sentence

    def _sentence(self) -> SampleSentence:
        states_facts = self.rng.random() >= SILENT_SHARE
        clause = self._clause(states_facts)
        if states_facts and self.rng.random() < PAIR_SHARE:
            other = self._clause(states_facts=True)
            clause = SampleSentence(clause.text + self.rng.choice(JOINTS) + other.text, clause.triples + other.triples)
        text = clause.text
        if self.rng.random() < FRAME_SHARE:
            text = self.rng.choice(OPENINGS) + text
        text += self.rng.choice(ENDINGS) if self.rng.random() < FRAME_SHARE else self.rng.choice(("。", ""))
        if self.rng.random() < OTHER_QUOTES_SHARE:
            opening, closing = self.rng.choice(QUOTES)
            text = text.replace(ALONE[0], opening).replace(ALONE[1], closing)
        return SampleSentence(text, _distinct(clause.triples))

    def _clause(self, states_facts: bool) -> SampleSentence:
        """Realize one row; draw another if no template finds all its fields in the row."""
        while True:
            table = self.rng.choices(self.tables, self.weights)[0]
            row = self.rng.choice(table.rows)
            fitting = [
                template
                for template in table.templates
                if template.states_facts == states_facts and all(row[field] for field in template.fields)
            ]
            if fitting:
                return self._realize(self.rng.choice(fitting), row, table.rules)

    def _realize(self, template: Template, row: Row, rules: list[Rule]) -> SampleSentence:
        chosen = {field: self._names(row[field]) for field in template.fields}
        text = template.text.format_map({field: SEPARATOR.join(names) for field, names in chosen.items()})
        if not template.states_facts:
            return SampleSentence(text, [])
        return SampleSentence(text, [triple for rule in rules for triple in self._triples(rule, chosen)])

    def _names(self, value: str) -> list[str]:
        """Draw some of the names of a field, in their order."""
        names = value.split(SEPARATOR)
        count = self.rng.randint(1, min(len(names), MAX_NAMES))
        return [names[index] for index in sorted(self.rng.sample(range(len(names)), count))]

    def _triples(self, rule: Rule, chosen: Mapping[str, list[str]]) -> Iterator[dict[str, object]]:
        """Yield the triples of a rule whose fields the sentence contains."""
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
    """Drop repeated triples: two statements about one row may state the same."""
    distinct: list[dict[str, object]] = []
    for triple in triples:
        if triple not in distinct:
            distinct.append(triple)
    return distinct
