"""The embedded engine answers as the real Gremlin Server does, 3.7 and 3.8: random traversals, and changes."""

from collections import Counter

import pytest
from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import T

from ckgqa.graph.bytecode import MODULATORS, read
from ckgqa.graph.errors import TraversalError
from ckgqa.graph.steps.table import KNOWN
from tests.graph.changes import changes
from tests.graph.generator import Generator
from tests.graph.made_graph import write
from tests.graph.recipes import build, normal, show

pytestmark = pytest.mark.gremlin
TRAVERSALS = 1500
SEED = 20261122
# Most random traversals should say something: an empty answer proves little.
LEAST_ANSWERED = 0.7


def answer(g, calls, *, ordered):
    """Run a recipe: its answers in a comparable form, or the word `refused`."""
    try:
        found = build(g, calls).to_list()
    except (GremlinServerError, TraversalError) as error:
        return "refused", str(error)
    normalized = [normal(value, ordered=ordered) for value in found]
    return normalized if ordered else sorted(normalized, key=repr), found


def names(plan):
    for one in plan.steps:
        yield one.name
        yield from (name.removesuffix("First") for name in one.options if name != "tokens")
        yield from ["with"] * ("tokens" in one.options) + ["by"] * bool(one.by)
        for child in (*one.args, *(by.what for by in one.by), *one.options.values()):
            if hasattr(child, "steps"):
                yield from names(child)


def test_random_traversals_give_the_same_answers(server, embedded):
    write(server)
    write(embedded)
    generator = Generator(SEED)
    used, answered, refused, different = Counter(), 0, 0, []
    for _ in range(TRAVERSALS):
        calls, ordered = generator.make()
        there, seen = answer(server, calls, ordered=ordered)
        here, found = answer(embedded, calls, ordered=ordered)
        if there != here:
            different.append(f"{show(calls)}\n  server:   {seen}\n  embedded: {found}")
        used.update(set(names(read(build(embedded, calls).bytecode, KNOWN))))
        answered += bool(there) and there != "refused"
        refused += there == "refused"
    assert not different, f"{len(different)} of {TRAVERSALS} differ:\n" + "\n".join(different[:20])
    assert answered / TRAVERSALS > LEAST_ANSWERED
    assert refused / TRAVERSALS < 0.02
    # What changes the graph or answers nothing at all is compared below.
    reading = (KNOWN | MODULATORS.keys()) - {"addV", "addE", "property", "drop", "from", "to", "discard", "none"}
    assert reading - used.keys() == set()


def test_random_changes_leave_the_same_graph(server, embedded):
    write(server)
    write(embedded)
    used = Counter()
    for calls in changes(SEED, 250):
        there, seen = answer(server, calls, ordered=False)
        here, found = answer(embedded, calls, ordered=False)
        assert there == here, f"{show(calls)}\n  server:   {seen}\n  embedded: {found}"
        used.update(names(read(build(embedded, calls).bytecode, KNOWN)))
    for elements in ("V", "E"):
        assert state(server, elements) == state(embedded, elements)
    assert {"addV", "addE", "from", "to", "property", "drop"} <= used.keys()


def state(g, elements):
    found = getattr(g, elements)().value_map(True).to_list()
    return sorted((normal(value) for value in found), key=repr)


def drawn(edges):
    shown = edges.project("edge", "from", "to").by(__.element_map())
    return shown.by(__.out_v().values("name")).by(__.in_v().values("name"))


def slots(facts):
    return facts.project("slot", "name").by(__.out_e().label().fold()).by(__.out().values("name").fold())


def test_questions_as_people_write_them_give_the_same_answers(server, embedded):
    """Beside what is generated; what the project's own functions ask is in test_project_traversals.py."""
    write(server)
    write(embedded)
    one, film = "吴京", "战狼"
    questions = [
        lambda g: g.V().has("name", film).out("导演", "主演").dedup().values("name"),
        lambda g: g.V().has("name", one).in_("导演").out("主演").dedup().value_map("name", "type"),
        lambda g: g.V().has("name", film).in_("inWork").out("@value").values("name"),
        lambda g: slots(g.V().has("name", film).in_("inWork").has("predicate", "饰演")),
        lambda g: g.V().has("name", "中国").both_e().count(),
        lambda g: drawn(g.V().has("name", "中国").both_e().order().by("score").by(T.id).limit(5)),
        lambda g: g.V("v03").fold().coalesce(__.unfold(), __.add_v("entity").property(T.id, "v03")).id_(),
        lambda g: g.V().group_count().by(T.label),
        lambda g: g.E().group_count().by("source"),
    ]  # fmt: skip
    for question in questions:
        there, here = (sorted((normal(value) for value in question(g).to_list()), key=repr) for g in (server, embedded))
        assert there
        assert there == here
