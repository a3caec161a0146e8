"""Makes the questions about a graph, split by split."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain as one_after_another

from ckgqa_preprocess.questions.book import make_book
from ckgqa_preprocess.questions.chains import find_chains, two_hops
from ckgqa_preprocess.questions.desk import Desk
from ckgqa_preprocess.questions.drawing import Drawer, Seen, Talk
from ckgqa_preprocess.questions.follow_ups import follow_ups
from ckgqa_preprocess.questions.graph import Graph
from ckgqa_preprocess.questions.kinship import Kinship
from ckgqa_preprocess.questions.makers import SHAPES, Maker, askings, one_step
from ckgqa_preprocess.questions.neighbours import Neighbours
from ckgqa_preprocess.questions.outside import outside
from ckgqa_preprocess.questions.readings import Readings
from ckgqa_preprocess.questions.splits import NameSplits, Split, WordingSplits
from ckgqa_preprocess.questions.templates import Templates
from ckgqa_preprocess.questions.writer import Writer
from ckgqa_preprocess.questions.wrong_names import near_names, unanswerable
from ckgqa_preprocess.schema import Schema

DRAWN: tuple[Split, ...] = ("test", "validation", "train")
"""In this order: what is judged by is drawn first, and training keeps clear of it."""


@dataclass(frozen=True)
class Generated:
    """The questions about a graph."""

    talks: dict[Split, list[Talk]]
    without_templates: list[str]
    """Predicates with fallback wordings alone."""


def generate(
    graph: Graph,
    schema: Schema,
    templates: Templates,
    *,
    sizes: dict[Split, int],
    seed: int,
    seen: Seen,
    trained_names: Collection[str],
) -> Generated:
    """Draw the questions of all splits.

    Args:
        graph: what to ask about.
        schema: of the graph.
        templates: the wordings.
        sizes: how many questions for each split.
        seed: of every draw.
        seen: what other sources put into the splits; gets what is drawn.
        trained_names: names that other sources train on.

    Raises:
        InputError: a wording of the user's templates does not fit the schema.
    """
    book = make_book(templates, schema)
    neighbours, readings, kinship = Neighbours(graph), Readings(book), Kinship(graph, templates)
    names, wordings = NameSplits(graph, trained_names, seed), WordingSplits(book, seed)
    writer = Writer(templates)
    talks = {}
    for split in DRAWN:
        desk = Desk(split, graph, schema, templates, book, writer, names, wordings)
        talks[split] = Drawer(desk, seen, seed).draw(_makers(desk, neighbours, readings, kinship), sizes[split])
    return Generated(talks, book.without_templates)


def _makers(desk: Desk, neighbours: Neighbours, readings: Readings, kinship: Kinship) -> dict[str, list[Maker]]:
    """Return the makers of each shape."""
    asked, chains = list(askings(desk)), find_chains(desk, kinship)
    found: dict[str, list[Maker]] = {shape: [] for shape in SHAPES}
    sources = (
        one_step(asked),
        two_hops(desk, chains, kinship),
        follow_ups(desk, asked, chains, kinship),
        near_names(asked, neighbours),
        unanswerable(asked, neighbours, readings),
        outside(desk, readings),
    )
    for maker in one_after_another(*sources):
        found[maker.shape].append(maker)
    return found
