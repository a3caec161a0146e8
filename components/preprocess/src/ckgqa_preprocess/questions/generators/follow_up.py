"""Follow-up questions: a dialogue of two questions, of which the second depends on the first."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from ckgqa.runtime.intents import Step
from ckgqa_preprocess.questions.generators.generator import BALANCE, QuestionDraft, QuestionGenerator
from ckgqa_preprocess.questions.generators.one_hop import QuestionType
from ckgqa_preprocess.questions.generators.split_view import SplitView, pick
from ckgqa_preprocess.questions.generators.two_hop import Chain
from ckgqa_preprocess.questions.generators.type_compatibility import TypeCompatibility
from ckgqa_preprocess.questions.graph.facts import RoleNames
from ckgqa_preprocess.questions.templates.catalogue import Phrasing
from ckgqa_preprocess.questions.templates.realizer import Filler

# Of the follow-ups: about the answer, about the first question's name by a pronoun or by an ellipsis, and the same
# question about another name.
SHARES = {"answer": 0.35, "pronoun": 0.3, "short": 0.25, "other": 0.1}
# Wordings that repeat the name, such as 战狼这部电影 or 电影战狼 (the film 战狼): a pronoun would double it.
TYPE_NOUNS = "电影|电视剧|影片|片子|歌曲|歌|小说|书籍|书|作品|节目|综艺"
NAMED_TWICE = re.compile(rf"\}}》?\(?[这那他她它]|(?:{TYPE_NOUNS})\|?\)《?\{{")


def follow_up_generators(
    view: SplitView, types: Iterable[QuestionType], chains: Iterable[Chain], compatibility: TypeCompatibility
) -> Iterator[QuestionGenerator]:
    """Yield the generators of all kinds of follow-ups.

    Args:
        view: the split's facts, entities and templates.
        types: the one-step questions.
        chains: pairs of steps of which the second can ask about the answer of the first.
        compatibility: decides whether a follow-up is unambiguous.
    """
    dialogues = FollowUps(view, types, compatibility)
    by_step = dialogues.by_step.values()
    with_others = [one for one in by_step if len(one.role_names) > 1 and dialogues.other_name]
    kinds = {
        "answer": list(_about_answers(dialogues, chains)),
        "pronoun": [_generator("pronoun", one, dialogues.ask_by_pronoun) for one in by_step],
        "short": [_generator("short", one, dialogues.ask_shortly) for one in by_step if dialogues.shorts(one.step)],
        "other": [_generator("other", one, dialogues.ask_about_another) for one in with_others],
    }
    for kind, generators in kinds.items():
        total = sum(generator.weight for generator in generators)
        for generator in generators:
            yield replace(generator, weight=generator.weight / total * SHARES[kind])


def _generator(
    kind: str, question_type: QuestionType, generate: Callable[[QuestionType, Random], QuestionDraft | None]
) -> QuestionGenerator:
    label = f"{kind} {question_type.intent.label}"
    return QuestionGenerator("follow_up", label, question_type.weight, partial(generate, question_type))


def _about_answers(dialogues: "FollowUps", chains: Iterable[Chain]) -> Iterator[QuestionGenerator]:
    """Yield the generators of questions about the answer of the first question."""
    for chain in chains:
        first, second = dialogues.by_step.get(chain.first), dialogues.by_step.get(chain.second)
        if not first or not second or first.roles != chain.roles:
            continue
        starts = [(names, answer) for names in chain.starts if (answer := dialogues.single_answer(chain, names))]
        if starts:
            generate = partial(dialogues.ask_about_answer, starts, first, second)
            weight = math.pow(len(starts), BALANCE)
            yield QuestionGenerator("follow_up", f"answer {chain.intent.label}", weight, generate)


class FollowUps:
    """The questions of a split that contain one name, as first and as second questions of a dialogue.

    Args:
        view: the split's facts, entities and templates.
        types: the one-step questions.
        compatibility: of the types.
    """

    def __init__(self, view: SplitView, types: Iterable[QuestionType], compatibility: TypeCompatibility) -> None:
        self.view = view
        self.compatibility = compatibility
        lists = (one for one in types if one.intent.kind == "list" and one.role_names)
        with_one_name = (one for one in lists if one.roles == {one.step.given_role})
        self.by_step = {
            one.step: one for one in with_one_name if not view.is_literal(one.step.predicate, one.step.given_role)
        }
        self.other_name = view.wording_splits.of(view.catalogue.other_name, view.split)
        self._steps_of: dict[str, list[Step]] = defaultdict(list)
        for step, question_type in self.by_step.items():
            for ((_, name),) in question_type.role_names:
                self._steps_of[name].append(step)

    def shorts(self, step: Step) -> list[Phrasing]:
        """Return this split's templates of a step that omit the name."""
        return self.view.wording_splits.of(self.view.catalogue.short_questions.get(step, ()), self.view.split)

    def single_answer(self, chain: Chain, names: RoleNames) -> str | None:
        """Return the only answer of a chain's first step; None if there are several or it is in another split."""
        answers = sorted(self.view.graph.answers(chain.first.predicate, chain.first.asked, names))
        if len(answers) != 1:
            return None
        second = chain.second
        return answers[0] if self.view.allows_role(second.predicate, second.given_role, answers[0]) else None

    def ask_about_answer(
        self, starts: Sequence[tuple[RoleNames, str]], first: QuestionType, second: QuestionType, rng: Random
    ) -> QuestionDraft | None:
        """Ask about the only answer of the first question."""
        names, answer = rng.choice(starts)
        return self._by_pronoun(second, answer, first.draft(names, rng), rng)

    def ask_by_pronoun(self, second: QuestionType, rng: Random) -> QuestionDraft | None:
        """Ask about the name of the first question by a pronoun."""
        name, before = self._first_about(second, rng)
        return None if before is None else self._by_pronoun(second, name, before, rng)

    def ask_shortly(self, second: QuestionType, rng: Random) -> QuestionDraft | None:
        """Ask about the name of the first question without any name."""
        name, before = self._first_about(second, rng)
        if before is None:
            return None
        short = pick(self.shorts(second.step), rng)
        text = self.view.realizer.realize(short.pattern.draw(rng), {}, rng)
        return QuestionDraft(
            text, second.intent, "follow_up", f"short:{short.label}",
            before=before, implied=((second.step.given_role, name),), polite=short.hand_written,
        )  # fmt: skip

    def ask_about_another(self, question_type: QuestionType, rng: Random) -> QuestionDraft | None:
        """Repeat the first question about a different entity."""
        first, other = rng.choice(question_type.role_names), rng.choice(question_type.role_names)
        if first == other:
            return None
        phrasing = pick(self.other_name, rng)
        ((role, name),) = other
        filler = self.view.filler(question_type.step.predicate, role, name)
        text = self.view.realizer.realize(phrasing.pattern.draw(rng), {"name": filler}, rng)
        before = question_type.draft(first, rng)
        return QuestionDraft(text, question_type.intent, "follow_up", phrasing.label, polite=False, before=before)

    def _first_about(self, second: QuestionType, rng: Random) -> tuple[str, QuestionDraft | None]:
        """Draft a first question about a name, such that the second question cannot mean its answer."""
        ((_, name),) = rng.choice(second.role_names)
        steps = [step for step in self._steps_of[name] if step != second.step and self._is_clear(step, second.step)]
        if not steps:
            return name, None
        first = self.by_step[rng.choice(steps)]
        return name, first.draft(((first.step.given_role, name),), rng)

    def _is_clear(self, first: Step, second: Step) -> bool:
        """Return whether the second question makes no sense about the answer of the first."""
        answer = self.view.schema.types_of_roles(first.predicate)[first.asked]
        meant = self.view.schema.types_of_roles(second.predicate)[second.given_role]
        return not self.compatibility.compatible(answer, meant)

    def _by_pronoun(self, second: QuestionType, name: str, before: QuestionDraft, rng: Random) -> QuestionDraft | None:
        """Draft the second question with a pronoun for the name."""
        role = second.step.given_role
        kind = self._pronoun_type(second.step.predicate, role, name)
        section = self.view.templates.type(kind)
        pronouns = section.all("pronouns") or self.view.templates.general["other types"].all("pronouns")
        thing = " ".join(section.words.get("thing", [kind]))
        surface = "".join(map(str, rng.choice(pronouns).pattern.filled({"thing": thing}).draw(rng)))
        natural = [
            phrasing
            for phrasing in second.phrasings
            if phrasing.hand_written and not NAMED_TWICE.search(phrasing.pattern.text)
        ]
        filler = Filler(role, surface, name, pronoun=True)
        draft = second.word({role: filler}, rng, natural or second.phrasings)
        return replace(draft, shape="follow_up", before=before)

    def _pronoun_type(self, predicate: str, role: str, name: str) -> str:
        """Return the type that decides the pronoun: one of the role's entity types, preferably one of the name."""
        kinds = self.view.schema.types_of_roles(predicate)[role]
        entity_types = [kind for kind in kinds if not self.view.templates.type(kind).flag("plain")]
        entities = self.view.graph.entities
        own = entities[name].types if name in entities else ()
        return next((kind for kind in entity_types if kind in own), entity_types[0])
