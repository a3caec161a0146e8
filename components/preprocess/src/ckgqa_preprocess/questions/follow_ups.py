"""Conversations: a question, and a second one that can be understood only after it."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from ckgqa.runtime.intents import Intent, Step
from ckgqa_preprocess.questions.book import Phrasing
from ckgqa_preprocess.questions.chains import Chain
from ckgqa_preprocess.questions.desk import Desk, Draft, pick
from ckgqa_preprocess.questions.graph import Given
from ckgqa_preprocess.questions.kinship import Kinship
from ckgqa_preprocess.questions.makers import BALANCE, Asking, Maker
from ckgqa_preprocess.questions.writer import Filler

# Of the follow-ups: about what was found, about the name asked of by a pronoun or by nothing, the same of another name.
SHARES = {"answer": 0.35, "pronoun": 0.3, "short": 0.25, "other": 0.1}
# 战狼这部电影 or 电影战狼 (the film 战狼): with a pronoun there would be two.
KINDS = "电影|电视剧|影片|片子|歌曲|歌|小说|书籍|书|作品|节目|综艺"
NAMED_AGAIN = re.compile(rf"\}}》?\(?[这那他她它]|(?:{KINDS})\|?\)《?\{{")


def follow_ups(desk: Desk, asked: Iterable[Asking], chains: Iterable[Chain], kinship: Kinship) -> Iterator[Maker]:
    """Yield the makers of all kinds of follow-ups.

    Args:
        desk: the split's facts, names and wordings.
        asked: what can be asked with one step.
        chains: what can be asked about what that finds.
        kinship: says whether a question after another is clear.
    """
    talk = Conversations(desk, asked, kinship)
    lone = talk.by_step.values()
    kinds = {
        "answer": list(_about_answers(talk, chains)),
        "pronoun": [_maker("pronoun", one, talk.ask_by_pronoun) for one in lone],
        "short": [_maker("short", one, talk.ask_shortly) for one in lone if talk.shorts(one.step)],
        "other": [_maker("other", one, talk.ask_of_another) for one in lone if len(one.givens) > 1 and talk.others],
    }
    for kind, makers in kinds.items():
        total = sum(maker.weight for maker in makers)
        for maker in makers:
            yield replace(maker, weight=maker.weight / total * SHARES[kind])


def _maker(kind: str, asking: Asking, make: Callable[[Asking, Random], Draft | None]) -> Maker:
    return Maker("follow_up", f"{kind} {asking.intent.label}", asking.weight, partial(make, asking))


def _about_answers(talk: "Conversations", chains: Iterable[Chain]) -> Iterator[Maker]:
    """Yield the makers of questions about what the first one found."""
    for chain in chains:
        first, second = talk.by_step.get(chain.first), talk.by_step.get(chain.second)
        if not first or not second or first.roles != chain.roles:
            continue
        starts = [(given, name) for given in chain.starts if (name := talk.one_answer(chain, given))]
        if starts:
            label = f"answer {Intent('list', (chain.first, chain.second)).label}"
            make = partial(talk.ask_of_answer, starts, first, second)
            yield Maker("follow_up", label, math.pow(len(starts), BALANCE), make)


class Conversations:
    """The questions of a split that give one name, as first and as second ones.

    Args:
        desk: the split's facts, names and wordings.
        asked: what can be asked with one step.
        kinship: of the types.
    """

    def __init__(self, desk: Desk, asked: Iterable[Asking], kinship: Kinship) -> None:
        self.desk = desk
        self.kinship = kinship
        lists = (one for one in asked if one.intent.kind == "list" and one.givens)
        about_one = (one for one in lists if one.roles == {one.step.given})
        self.by_step = {one.step: one for one in about_one if not desk.is_plain(one.step.predicate, one.step.given)}
        self.others = desk.wording_splits.of(desk.book.other_names, desk.split)
        self._steps_of: dict[str, list[Step]] = defaultdict(list)
        for step, asking in self.by_step.items():
            for ((_, name),) in asking.givens:
                self._steps_of[name].append(step)

    def shorts(self, step: Step) -> list[Phrasing]:
        """Return this split's wordings of a step that leave its name out."""
        return self.desk.wording_splits.of(self.desk.book.shorts.get(step, ()), self.desk.split)

    def one_answer(self, chain: Chain, given: Given) -> str | None:
        """Return the one name that the first step of a chain finds; None where it finds several, or another split's."""
        found = sorted(self.desk.graph.answers(chain.first.predicate, chain.first.asked, given))
        return found[0] if len(found) == 1 and self.desk.allows(found[0]) else None

    def ask_of_answer(
        self, starts: Sequence[tuple[Given, str]], first: Asking, second: Asking, random: Random
    ) -> Draft | None:
        """Ask about the one name that the first question found."""
        given, found = random.choice(starts)
        return self._by_pronoun(second, found, first.draft(given, random), random)

    def ask_by_pronoun(self, second: Asking, random: Random) -> Draft | None:
        """Ask about the name of the first question by a pronoun."""
        name, before = self._first_about(second, random)
        return None if before is None else self._by_pronoun(second, name, before, random)

    def ask_shortly(self, second: Asking, random: Random) -> Draft | None:
        """Ask about the name of the first question without any name."""
        name, before = self._first_about(second, random)
        if before is None:
            return None
        short = pick(self.shorts(second.step), random)
        text = self.desk.writer.write(short.pattern.draw(random), {}, random)
        implied = ((second.step.given, name),)
        return Draft(
            text, second.intent, "follow_up", f"short:{short.label}", before=before, implied=implied, around=short.own
        )

    def ask_of_another(self, asking: Asking, random: Random) -> Draft | None:
        """Ask the question of the first one of another name."""
        first, other = random.choice(asking.givens), random.choice(asking.givens)
        if first == other:
            return None
        phrasing = pick(self.others, random)
        ((role, name),) = other
        filler = self.desk.filler(asking.step.predicate, role, name)
        text = self.desk.writer.write(phrasing.pattern.draw(random), {"name": filler}, random)
        before = asking.draft(first, random)
        return Draft(text, asking.intent, "follow_up", phrasing.label, around=False, before=before)

    def _first_about(self, second: Asking, random: Random) -> tuple[str, Draft | None]:
        """Ask something else of a name, whose answers cannot be what the second question means."""
        ((_, name),) = random.choice(second.givens)
        steps = [step for step in self._steps_of[name] if step != second.step and self._is_clear(step, second.step)]
        if not steps:
            return name, None
        first = self.by_step[random.choice(steps)]
        return name, first.draft(((first.step.given, name),), random)

    def _is_clear(self, first: Step, second: Step) -> bool:
        """Say whether a second question about what the first found would make no sense."""
        found = self.desk.schema.types_of_roles(first.predicate)[first.asked]
        meant = self.desk.schema.types_of_roles(second.predicate)[second.given]
        return not self.kinship.are_kin(found, meant)

    def _by_pronoun(self, second: Asking, name: str, before: Draft, random: Random) -> Draft | None:
        """Word the second question with a pronoun for the name."""
        role = second.step.given
        kind = self._spoken_type(second.step.predicate, role, name)
        section = self.desk.templates.type(kind)
        pronouns = section.all("pronouns") or self.desk.templates.general["other types"].all("pronouns")
        thing = " ".join(section.words.get("thing", [kind]))
        surface = "".join(map(str, random.choice(pronouns).pattern.filled({"thing": thing}).draw(random)))
        fit = [
            one for one in second.phrasings if one.own and not NAMED_AGAIN.search(one.pattern.text)
        ] or second.phrasings
        draft = second.word({role: Filler(role, surface, name, pronoun=True)}, random, fit)
        return replace(draft, shape="follow_up", before=before)

    def _spoken_type(self, predicate: str, role: str, name: str) -> str:
        """Return the type of a role that a name is spoken of as: its own where it is one, and no date or number."""
        kinds = self.desk.schema.types_of_roles(predicate)[role]
        things = [kind for kind in kinds if not self.desk.templates.type(kind).flag("plain")]
        own = self.desk.graph.names[name].types if name in self.desk.graph.names else ()
        return next((kind for kind in things if kind in own), things[0])
