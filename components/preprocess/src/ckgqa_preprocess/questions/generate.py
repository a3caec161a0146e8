"""Generates the questions about a graph, split by split."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain as concatenate

from ckgqa.runtime.artefacts import Split
from ckgqa_preprocess.questions.generators.follow_up import follow_up_generators
from ckgqa_preprocess.questions.generators.generator import SHAPES, QuestionGenerator
from ckgqa_preprocess.questions.generators.noisy_name import noisy_name_generators, unanswerable_generators
from ckgqa_preprocess.questions.generators.one_hop import one_hop_generators, question_types
from ckgqa_preprocess.questions.generators.out_of_scope import out_of_scope_generators
from ckgqa_preprocess.questions.generators.split_view import SplitView
from ckgqa_preprocess.questions.generators.two_hop import find_chains, two_hop_generators
from ckgqa_preprocess.questions.generators.type_compatibility import TypeCompatibility
from ckgqa_preprocess.questions.graph.facts import FactGraph
from ckgqa_preprocess.questions.graph.name_noise import NameNoise
from ckgqa_preprocess.questions.sampler import Dialogue, QuestionSampler, SeenQuestions
from ckgqa_preprocess.questions.splits import NameSplits, WordingSplits
from ckgqa_preprocess.questions.templates.ambiguity import AmbiguityIndex
from ckgqa_preprocess.questions.templates.catalogue import build_catalogue
from ckgqa_preprocess.questions.templates.loader import Templates
from ckgqa_preprocess.questions.templates.realizer import Realizer
from ckgqa_preprocess.schema import Schema

SAMPLING_ORDER: tuple[Split, ...] = ("test", "validation", "train")
"""The test comes first and training last, so that training avoids the questions of the others."""


@dataclass(frozen=True)
class GeneratedQuestions:
    """The questions about a graph."""

    dialogues: dict[Split, list[Dialogue]]
    without_templates: list[str]
    """Predicates without hand-written templates."""


def generate(
    graph: FactGraph,
    schema: Schema,
    templates: Templates,
    *,
    sizes: dict[Split, int],
    seed: int,
    seen: SeenQuestions,
    trained_names: Collection[str],
) -> GeneratedQuestions:
    """Generate the questions of all splits.

    Args:
        graph: the graph to ask about.
        schema: its schema.
        templates: the wordings.
        sizes: number of questions of each split.
        seed: random seed of all sampling.
        seen: the questions of other sources; receives the generated ones.
        trained_names: names that other sources train on.

    Raises:
        InputError: a wording of the user's templates does not fit the schema.
    """
    catalogue = build_catalogue(templates, schema)
    noise, ambiguity, compatibility = NameNoise(graph), AmbiguityIndex(catalogue), TypeCompatibility(graph, templates)
    names, wordings = NameSplits(graph, trained_names, seed), WordingSplits(catalogue, seed)
    realizer = Realizer(templates)
    dialogues = {}
    for split in SAMPLING_ORDER:
        view = SplitView(split, graph, schema, templates, catalogue, realizer, names, wordings)
        generators = _generators(view, noise, ambiguity, compatibility)
        dialogues[split] = QuestionSampler(view, seen, seed).sample(generators, sizes[split])
    return GeneratedQuestions(dialogues, catalogue.without_templates)


def _generators(
    view: SplitView, noise: NameNoise, ambiguity: AmbiguityIndex, compatibility: TypeCompatibility
) -> dict[str, list[QuestionGenerator]]:
    """Return shape -> its generators."""
    types, chains = list(question_types(view)), find_chains(view, compatibility)
    generators: dict[str, list[QuestionGenerator]] = {shape: [] for shape in SHAPES}
    sources = (
        one_hop_generators(types),
        two_hop_generators(view, chains, compatibility),
        follow_up_generators(view, types, chains, compatibility),
        noisy_name_generators(types, noise),
        unanswerable_generators(types, noise, ambiguity),
        out_of_scope_generators(view, ambiguity),
    )
    for generator in concatenate(*sources):
        generators[generator.shape].append(generator)
    return generators
