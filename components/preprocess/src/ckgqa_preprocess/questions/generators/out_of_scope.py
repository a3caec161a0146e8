"""Out-of-scope questions: no predicate of the schema covers them; with and without a name."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random

from ckgqa.runtime.intents import Intent
from ckgqa_preprocess.questions.generators.generator import QuestionDraft, QuestionGenerator
from ckgqa_preprocess.questions.generators.split_view import SplitView
from ckgqa_preprocess.questions.templates.ambiguity import AmbiguityIndex
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedText, joined
from ckgqa_preprocess.questions.templates.catalogue import Phrasing
from ckgqa_preprocess.questions.templates.realizer import Filler
from ckgqa_preprocess.questions.templates.wording_key import normalize_wording

OUT_OF_SCOPE = Intent("outside")
SMALL_TALK = "outside/闲聊"
"""Label of the small talk templates: nobody says 请问 (may I ask) before 你好 (hello)."""
MIN_NAME_CHARS = 2


def out_of_scope_generators(view: SplitView, ambiguity: AmbiguityIndex) -> Iterator[QuestionGenerator]:
    """Yield the generator of out-of-scope questions, if this split has templates for them."""
    phrasings = view.wording_splits.of(view.catalogue.out_of_scope, view.split)
    pools = {kind: _names_of_type(view, kind) for phrasing in phrasings for kind in phrasing.pattern.roles}
    possible = [phrasing for phrasing in phrasings if all(pools[kind] for kind in phrasing.pattern.roles)]
    if possible:
        generate = partial(_generate, view, ambiguity, possible, pools)
        yield QuestionGenerator("outside", OUT_OF_SCOPE.label, 1.0, generate)


def _names_of_type(view: SplitView, kind: str) -> list[str]:
    """Return the split's names of a type, or of the types in its group if it has none."""
    group = view.templates.group(kind)
    kinds = [other for other in sorted(view.names_by_type) if view.templates.group(other) == group]
    exact = view.names_by_type.get(kind)
    names = exact or [name for other in kinds for name in view.names_by_type[other]]
    return [name for name in names if len(name) >= MIN_NAME_CHARS]


def _generate(
    view: SplitView,
    ambiguity: AmbiguityIndex,
    phrasings: Sequence[Phrasing],
    pools: Mapping[str, Sequence[str]],
    rng: Random,
) -> QuestionDraft | None:
    """Draft a question; None if a predicate of the schema covers its wording."""
    phrasing = rng.choice(phrasings)
    titled = {kind: view.templates.type(kind).flag("titles") for kind in phrasing.pattern.roles}
    parts = []
    for piece in phrasing.pattern.draw(rng):
        if isinstance(piece, str):
            parts.append(AnnotatedText(piece))
        else:
            name = rng.choice(pools[piece.role])
            filler = Filler(piece.role, name, name, titled[piece.role])
            parts.append(view.realizer.realize((piece,), {piece.role: filler}, rng))
    text = joined(parts)
    if ambiguity.meanings(normalize_wording(text.wording)):
        return None
    small_talk = phrasing.label.startswith(SMALL_TALK)
    return QuestionDraft(text, OUT_OF_SCOPE, "outside", phrasing.label, polite=not small_talk)
