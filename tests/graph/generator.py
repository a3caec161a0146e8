"""Seeded random traversals that know what flows through them, so that most have an answer and all have only one.

A stream has a kind (vertex, edge, property, text, number, map, list). What depends on a way is only asked while each
way is certain: after a cut (dedup, limit) two objects may be the same and have come different ways.
"""

# One choice a line reads best in tables of choices, and all tables share one signature.
# ruff: noqa: E501, ARG002
import random
from dataclasses import dataclass, field

from gremlin_python.process.traversal import Column, Order, P, Pop, Scope, T, TextP

from tests.graph.made_graph import FACTS, NAMES, PREDICATES, SOURCES, vertex_ids
from tests.graph.recipes import Child

MAX_MOVES = 3
LABELS = [*PREDICATES, "@value", "subject", "inWork"]


@dataclass
class State:
    """What flows: its kind, the labels on its way with their kinds, whether ways and order are certain."""

    kind: str
    labels: dict = field(default_factory=dict)
    ways: bool = True
    ordered: bool = False
    moves: int = 0
    keys: tuple = ()
    of: str = "text"
    unique: bool = False

    def become(self, kind, **changes):
        keeps = changes.pop("ordered", False)
        self.kind, self.ordered, self.unique = kind, self.ordered and keeps, self.unique and keeps
        for name, value in changes.items():
            setattr(self, name, value)


class Generator:
    """Makes one traversal after another from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.used = set()

    def make(self):
        """Make a traversal: its calls, and whether the order of its answer is certain."""
        state, calls = self._start()
        for _ in range(self.random.randint(1, 6)):
            calls += self._next(state)
        return calls, state.ordered

    # Small choices

    def _one(self, values):
        return self.random.choice(list(values))

    def _some(self, values, most=2):
        values = list(values)
        return tuple(self.random.sample(values, self.random.randint(1, min(most, len(values)))))

    def _labels(self):
        return () if self.random.random() < 0.5 else self._some(LABELS, 3)

    def _text_predicate(self, values):
        one = self._one(values)
        part = self._one(one)
        return self._one([
            P.eq(one), P.neq(one), P.lt(one), P.lte(one), P.gt(one), P.gte(one), P.within(list(self._some(values, 4))),
            P.without(*self._some(values, 4)), P.between(*sorted(self.random.sample(list(values), 2))), P.not_(P.eq(one)),
            TextP.starting_with(part), TextP.ending_with(part), TextP.containing(part), TextP.not_starting_with(part),
            TextP.not_ending_with(part), TextP.not_containing(part), P.gt(one).and_(P.neq(one)), P.lt(one).or_(P.eq(one)),
            P.not_(P.within(*self._some(values, 3))), P.not_(TextP.containing(part)),
        ])  # fmt: skip

    def _number_predicate(self, low=0, high=4):
        one, other = sorted(self.random.sample(range(low, high + 1), 2))
        return self._one([
            P.eq(one), P.neq(one), P.lt(other), P.lte(one), P.gt(one), P.gte(one), P.within(one, other), P.without(one),
            P.between(one, other), P.inside(one - 1, other), P.outside(one, other), P.gte(one).and_(P.lte(other)),
            P.lt(one).or_(P.gt(other)), P.not_(P.between(one, other)), P.gt("text"), P.eq(float(one)),
        ])  # fmt: skip

    # Starts

    def _start(self):
        where = self.random.random()
        if where < 0.25:
            return State("vertex", unique=True), [("V", ())]
        if where < 0.4:
            return State("vertex", unique=True), [("V", self._some([*vertex_ids(), *FACTS, "absent"], 5))]
        if where < 0.65:
            return State("vertex", unique=True), [("V", ()), self._vertex_filter()]
        if where < 0.85:
            return State("edge", unique=True), [("E", ()), self._edge_filter()]
        if where < 0.9:
            return State("edge", unique=True), [("E", self._some([f"e{at:02}" for at in range(30)], 4))]
        if where < 0.94:
            return State("number"), [("inject", tuple(self.random.randint(0, 9) for _ in range(4)))]
        if where < 0.97:
            return State("list", of="number"), [("inject", ([1, 2, 2, 5], [3, 0]))]
        starts = tuple(Child((("V", (one,)),)) for one in self._some(vertex_ids(), 3))
        return State("vertex"), [("union", starts)]

    # Filters that every kind of element understands

    def _vertex_filter(self):
        one = self._one(["name", "name", "type", "label", "id", "key", "labelled", "not", "token", "checked"])
        return {
            "name": lambda: ("has", ("name", self._one([self._one(NAMES), self._text_predicate(NAMES)]))),
            "type": lambda: ("has", ("type", self._text_predicate(["人物", "作品", "国家"]))),
            "label": lambda: ("has_label", self._one([("entity",), ("entity", "fact"), ("fact",), (P.neq("fact"),), ("none",)])),
            "id": lambda: ("has_id", self._one([self._some(vertex_ids(), 6), (P.within(*vertex_ids()[:9]),), (P.gt("v05"),)])),
            "key": lambda: ("has", (self._one(["name", "type", "predicate"]),)),
            "labelled": lambda: ("has", self._one([("fact", "predicate", "饰演"), ("entity", "name", P.gt("中"))])),
            "not": lambda: ("has_not", (self._one(["predicate", "absent", "type"]),)),
            "token": lambda: ("has", self._one([(T.label, "entity"), (T.id, P.lt("v09")), (T.label, P.within("fact", "entity"))])),
            "checked": lambda: ("has", ("checked", self._one([True, False, P.neq(True), 1]))),
        }[one]()  # fmt: skip

    def _edge_filter(self):
        return self._one([
            ("has_label", self._some(LABELS, 3)), ("has", ("score", P.gt(self.random.random()))), ("has", ("count",)),
            ("has", ("count", self._number_predicate(1, 4))), ("has", ("source", self._text_predicate(SOURCES))),
            ("has", (self._one(PREDICATES), "source", "labelled")), ("has_not", ("score",)), ("has_id", ("e01", "e02", "e05")),
        ])  # fmt: skip

    # Children

    def _child(self, kind, length=None):
        """A child traversal of any end, for filters: its calls and the kind it ends in."""
        state = State(kind, moves=MAX_MOVES - 1, ways=False)
        calls = []
        for _ in range(length or self.random.randint(1, 2)):
            calls += self._next(state, deep=False)
        return Child(tuple(calls))

    def _to(self, kind, goal):
        """A child traversal from one kind of element to another kind, or to text or a number."""
        ways = {
            ("vertex", "vertex"): [[("out", self._labels())], [("in_", self._labels())], [("both", ())], [("identity", ())],
                                   [("out_e", self._labels()), ("in_v", ())], [("both_e", ()), ("other_v", ())]],
            ("vertex", "edge"): [[("out_e", self._labels())], [("in_e", ())], [("both_e", self._labels())]],
            ("vertex", "text"): [[("values", ("name",))], [("id_", ())], [("label", ())], [("constant", ("无",))], [("out", ()), ("values", ("name",))]],
            ("vertex", "number"): [[("out", ()), ("count", ())], [("both_e", self._labels()), ("count", ())], [("out_e", ()), ("values", ("count",)), ("sum_", ())]],
            ("edge", "vertex"): [[("out_v", ())], [("in_v", ())], [("both_v", ())]],
            ("edge", "edge"): [[("identity", ())], [("in_v", ()), ("out_e", ())]],
            ("edge", "text"): [[("id_", ())], [("label", ())], [("values", ("source",))], [("in_v", ()), ("values", ("name",))]],
            ("edge", "number"): [[("values", ("score",))], [("values", ("count",))]],
        }  # fmt: skip
        return Child(tuple(self._one(ways[kind, goal])))

    def _by(self, kind):
        """A look at an element that gives at most one value."""
        keys = {"vertex": ["name", "predicate"], "edge": ["score", "count", "source"]}[kind]
        return self._one(
            [T.id, T.label, self._one(keys), self._one(keys), self._to(kind, "number"), self._single_text(kind)]
        )

    def _single_text(self, kind):
        return Child((("values", ("type",)), ("fold", ()))) if kind == "vertex" else Child((("in_v", ()), ("id_", ())))

    def _sort_by(self, kind):
        key = {"vertex": "name", "edge": self._one(["score", "count", "source"])}[kind]
        what = self._one([T.label, key, self._to(kind, "number") if kind == "vertex" else key])
        return self._one([(what,), (what, Order.asc), (what, Order.desc)])

    # Steps

    def _next(self, state, *, deep=True):
        table = getattr(self, f"_after_{state.kind}")
        ways = [way for way in table(state, deep) if way is not None]
        return self._one(ways)()

    def _step(self, state, *calls, kind=None, **changes):
        def take():
            state.become(kind or state.kind, **({"ordered": kind is None} | changes))
            return list(calls)

        return take

    def _move(self, state, *calls, kind):
        def take():
            state.become(kind, moves=state.moves + 1)
            return list(calls)

        return take if state.moves < MAX_MOVES else None

    def _after_vertex(self, state, deep):
        values = {"kind": "text"}
        yield from self._after_element(state, deep, self._vertex_filter())
        for _ in range(3):
            yield self._move(state, (self._one(["out", "in_", "both"]), self._labels()), kind="vertex")
            yield self._move(state, (self._one(["out_e", "in_e", "both_e"]), self._labels()), kind="edge")
        yield self._move(
            state, (self._one(["out_e", "in_e", "both_e"]), self._labels()), ("other_v", ()), kind="vertex"
        )
        yield self._step(state, ("values", ("name",)), **values, ordered=True)
        yield self._step(state, ("values", ("name", "type")), **values)
        yield self._step(state, ("properties", self._one([(), ("name",), ("type",)])), kind="property")
        yield self._step(
            state, ("element_map", self._one([("name",), ("name", "predicate")])), kind="map", keys=("name",), of="text"
        )
        yield self._step(
            state,
            ("value_map", self._one([(), (True,), ("name",), (True, "name", "type")])),
            kind="map",
            keys=(),
            of="list",
        )
        yield self._step(
            state, ("value_map", ("name",)), ("with_", ("~tinkerpop.valueMap.tokens",)), kind="map", keys=(), of="list"
        )
        yield self._step(
            state,
            ("value_map", ("name", "predicate")),
            ("by", (Child((("unfold", ()),)),)),
            kind="map",
            keys=("name",),
            of="text",
        )
        if deep and state.moves < MAX_MOVES - 1:
            yield from self._loops(state)
        if deep and state.moves < MAX_MOVES:
            yield self._move(state, ("V", self._some(vertex_ids(), 2)), kind="vertex")

    def _after_edge(self, state, deep):
        yield from self._after_element(state, deep, self._edge_filter())
        for move in ("out_v", "in_v", "both_v"):
            yield self._step(state, (move, ()), kind="vertex")
        yield self._step(state, ("values", (self._one(["score", "count"]),)), kind="number")
        yield self._step(state, ("values", ("source",)), kind="text")
        yield self._step(state, ("properties", self._one([(), ("source",)])), kind="property")
        yield self._step(state, ("element_map", self._one([(), ("score",)])), kind="map", keys=("score",), of="number")
        yield self._step(
            state, ("value_map", self._one([(), (True, "source")])), kind="map", keys=("source",), of="text"
        )

    def _after_element(self, state, deep, kept):
        kind = state.kind
        yield self._step(state, kept)
        yield self._step(state, kept)
        yield self._step(state, ("id_", ()), kind="text", ordered=True)
        yield self._step(state, ("label", ()), kind="text", ordered=True)
        yield self._step(state, ("count", ()), kind="total")
        yield self._step(state, ("fold", ()), kind="list", of=kind, ways=False, labels={})
        yield self._step(state, ("constant", ("同",)), kind="text", ordered=True)
        yield self._step(state, (self._one(["identity", "barrier"]), ()))
        yield self._step(state, ("dedup", ()), ways=False, labels={}, ordered=False)
        yield self._step(state, ("dedup", ()), ("by", (T.label,)), ("label", ()), kind="text", ways=False, labels={})
        sort = (("order", ()), ("by", self._sort_by(kind)), ("by", (T.id,)))
        yield self._sorted(state, *sort)
        yield self._sorted(state, *sort, self._cut())
        yield self._step(
            state,
            ("group_count", ()),
            ("by", (self._by(kind),)),
            kind="map",
            keys=(),
            of="number",
            ways=False,
            labels={},
        )
        yield self._group(state)
        names = self._some(["甲", "乙", "丙"], 3)
        bys = [("by", (self._by(kind),)) for _ in names]
        yield self._step(state, ("project", names), *bys, kind="map", keys=names, of="mixed")
        if deep:
            yield from self._asking(state)
            yield from self._branching(state)
            yield from self._labelled(state)

    def _sorted(self, state, *calls):
        def take():
            state.become(state.kind, ways=False, labels={})
            state.ordered = True
            return list(calls)

        return take

    def _cut(self):
        low = self.random.randint(0, 3)
        return self._one(
            [
                ("limit", (low + 1,)),
                ("skip", (low,)),
                ("range_", (low, low + 4)),
                ("range_", (low, -1)),
                ("tail", (low + 1,)),
                ("tail", ()),
            ]
        )

    def _group(self, state):
        kind = state.kind
        value = self._one([
            None, T.id, Child((("count", ()),)), Child((("fold", ()),)), Child((("values", ("name" if kind == "vertex" else "score",)), ("fold", ()))),
            Child((*self._to(kind, "number").calls, ("sum_", ()))), Child((("group_count", ()), ("by", (T.label,)))),
        ])  # fmt: skip
        bys = [("by", (self._by(kind),))] + ([] if value is None else [("by", (value,))])
        return self._step(state, ("group", ()), *bys, kind="map", keys=(), of="mixed", ways=False, labels={})

    def _asking(self, state):
        kind = state.kind
        child = self._child(kind)
        for method in ("where", "filter_", "not_"):
            yield self._step(state, (method, (child,)))
        for method in ("and_", "or_"):
            yield self._step(state, (method, (child, self._child(kind))))
        yield self._step(state, ("where", (Child((("not_", (child,)),)),)))
        yield self._step(state, ("where", (Child((("or_", (child, self._child(kind))),)),)))

    def _branching(self, state):
        kind, goal = state.kind, self._one(["vertex", "edge", "text", "number"])
        one, other = self._to(kind, goal), self._to(kind, goal)
        number = {"number": {"of": "mixed"}}.get(goal, {})
        uncertain = {"kind": goal, "ways": False, "labels": {}, "moves": state.moves + 1, **number}
        # TinkerPop's local() takes equal traversers as one (bulk), and counts or limits for all of them together.
        alone = Child(tuple(call for call in one.calls if call[0] not in {"count", "sum_"}))
        for call in (
            ("union", (one, other)),
            ("coalesce", (one, other)),
            ("choose", (self._child(kind, 1), one, other)),
            *([("local", (one,))] if state.unique or alone == one else []),
            ("flat_map", (one,)),
        ):
            yield self._step(state, call, **uncertain)
        same = self._to(kind, kind)
        yield self._step(state, ("optional", (same,)), ways=False, labels={}, ordered=False)
        yield self._step(state, ("choose", (self._child(kind, 1), same)), ways=False, labels={}, ordered=False)
        if state.unique:
            yield self._step(
                state,
                ("local", (Child((*same.calls, ("dedup", ()), ("order", ()), ("by", (T.id,)), ("limit", (2,)))),)),
                **{**uncertain, "kind": kind},
            )
        yield self._step(
            state, ("map", (Child((*same.calls, ("order", ()), ("by", (T.id,)))),)), **{**uncertain, "kind": kind}
        )
        yield self._step(state, ("side_effect", (same,)))

    def _labelled(self, state):
        kind = state.kind
        if not state.ways:
            return
        name = self._one("xyz")

        def mark():
            state.labels[name] = kind
            return [("as_", (name,))]

        yield mark
        yield mark
        bys = [("by", (T.id,))] if self.random.random() < 0.5 else []
        yield self._step(state, ("path", ()), *bys, kind="list", of="mixed", ways=False, labels={})
        yield self._step(state, (self._one(["simple_path", "cyclic_path"]), ()))
        for label, there in list(state.labels.items()) * 2:
            seen = [("by", (self._by(there),))] if self.random.random() < 0.3 else []
            pop = self._one([(), (), (Pop.first,), (Pop.last,)])
            yield self._step(state, ("select", (*pop, label)), *seen, kind="mixed" if seen else there)
            yield self._step(state, ("select", (Pop.all_, label)), kind="list", of=there)
            if there == kind:
                asked = self._one([P.eq, P.neq])(label)
                yield self._step(state, ("where", (asked,)))
                yield self._step(state, ("where", (P.gt(label).or_(P.eq(label)),)), ("by", (T.id,)))
                yield self._step(state, ("where", (P.lt(label),)), ("by", (T.label,)))
            if there == "vertex":
                yield self._step(state, ("where", (Child((("as_", (label,)), ("out", self._labels()))),)))
            if there == kind == "vertex":
                yield self._step(state, ("where", (Child((("both", ()), ("as_", (label,)))),)))
            yield self._step(state, ("dedup", (label,)), ("count", ()), kind="total", ways=False, labels={})
        if len(state.labels) > 1:
            names = tuple(state.labels)
            yield self._step(
                state,
                ("select", names),
                *[("by", (T.id,))] * (self.random.random() < 0.5),
                kind="map",
                keys=names,
                of="mixed",
            )
            one, other = names[:2]
            yield self._step(state, ("where", (one, self._one([P.eq, P.neq])(other))))
            yield self._step(state, ("where", (one, P.lt(other))), ("by", (T.id,)))

    def _loops(self, state):
        moves = Child(((self._one(["out", "in_", "both"]), self._labels()),))
        simple = Child((*moves.calls, ("simple_path", ())))
        goal = Child((self._vertex_filter(),))
        after = {"kind": "vertex", "moves": MAX_MOVES}
        times = ("times", (self.random.randint(1, 2),))
        yield self._step(state, ("repeat", (moves,)), times, **after)
        yield self._step(state, times, ("repeat", (moves,)), **after)
        yield self._step(state, ("repeat", (moves,)), ("emit", ()), times, **after)
        yield self._step(state, ("emit", ()), ("repeat", (moves,)), times, **after)
        yield self._step(state, ("repeat", (moves,)), ("emit", (goal,)), times, **after)
        if state.ways and state.moves == 0:
            narrow = Child((("out", self._some(PREDICATES)), ("simple_path", ())))
            yield self._step(state, ("repeat", (narrow,)), ("until", (goal,)), **after)
            yield self._step(state, ("until", (goal,)), ("repeat", (narrow,)), ("emit", ()), **after)
            yield self._step(state, ("repeat", (simple,)), ("emit", ()), ("times", (2,)), **after)

    def _after_property(self, state, deep):
        yield self._step(state, ("key", ()), kind="text")
        yield self._step(state, ("value", ()), kind="mixed")
        yield self._step(state, ("has_key", self._some(["name", "type", "source"], 2)))
        yield self._step(state, ("has_value", self._one([("人物",), ("labelled",), (P.neq("人物"),)])))
        yield self._step(state, ("count", ()), kind="total")
        yield self._step(
            state, ("group_count", ()), ("by", (T.key,)), kind="map", keys=(), of="number", ways=False, labels={}
        )

    def _after_mixed(self, state, deep):
        yield self._step(state, ("count", ()), kind="total")
        yield self._step(state, ("fold", ()), kind="list", of="mixed", ways=False, labels={})
        yield self._step(state, ("identity", ()))

    def _after_text(self, state, deep):
        cut = {"ways": False, "labels": {}}
        yield self._step(state, ("is_", (self._text_predicate([*NAMES, "人物", "v03"]),)))
        yield self._step(state, ("is_", (self._text_predicate(NAMES),)))
        yield self._step(state, ("dedup", ()), **cut, ordered=False)
        yield self._sorted(state, ("order", ()), *[("by", (Order.desc,))] * (self.random.random() < 0.5))
        yield self._sorted(state, ("order", ()), ("by", (Order.asc,)), self._cut())
        yield self._step(state, ("count", ()), kind="total")
        yield self._step(state, ("fold", ()), kind="list", of="text", **cut)
        yield self._step(state, ("group_count", ()), kind="map", keys=(), of="number", **cut)
        yield self._step(state, (self._one(["max_", "min_"]), ()), **cut)
        if deep:
            yield self._step(state, ("inject", ("另", "一")), ordered=False, **cut)

    def _after_number(self, state, deep):
        cut = {"ways": False, "labels": {}}
        yield self._step(state, ("is_", (self._number_predicate(),)))
        yield self._step(state, ("is_", (P.gte(0),)))
        yield self._sorted(
            state,
            ("order", ()),
            ("by", (self._one([Order.asc, Order.desc]),)),
            *[self._cut()] * (self.random.random() < 0.5),
        )
        yield self._step(state, (self._one(["sum_", "max_", "min_", "mean"]), ()), **cut)
        yield self._step(state, ("fold", ()), kind="list", of="number", **cut)
        yield self._step(state, ("count", ()), kind="total", **cut)

    def _after_total(self, state, deep):
        """TinkerPop's CountStrategy stops to count early where is() follows, and gives what it counted until then."""
        yield self._step(state, ("identity", ()))
        yield self._step(state, ("fold", ()), kind="list", of="number", ways=False, labels={})
        yield self._step(state, (self._one(["sum_", "max_"]), ()), ways=False, labels={})

    def _after_map(self, state, deep):
        yield self._step(state, ("count", (Scope.local,)), kind="total")
        yield self._step(state, ("select", (self._one([Column.keys, Column.values]),)), kind="list", of="mixed")
        yield self._step(state, ("unfold", ()), ("select", (self._one([Column.keys, Column.values]),)), kind="mixed")
        if state.of == "number" and not state.keys:
            yield self._step(
                state,
                ("order", (Scope.local,)),
                ("by", (Column.values,)),
                ("select", (Column.values,)),
                ("unfold", ()),
                kind="number",
            )
            yield self._step(state, ("unfold", ()), ("select", (Column.values,)), ("sum_", ()), kind="number")
        if state.keys:
            kind = "mixed" if state.of == "mixed" else state.of
            yield self._step(state, ("select", (self._one(state.keys),)), kind=kind)
        if len(state.keys) > 1:
            yield self._step(state, ("select", state.keys), kind="map", keys=state.keys)

    def _after_list(self, state, deep):
        yield self._step(state, ("count", (Scope.local,)), kind="total")
        yield self._step(state, ("unfold", ()), kind=state.of, ways=False, labels={})
        yield self._step(state, ("unfold", ()), kind=state.of, ways=False, labels={})
        if state.of in {"vertex", "edge"}:
            sort = (("order", (Scope.local,)), ("by", (T.id,)))
            cut = self._one(
                [
                    ("limit", (Scope.local, 2)),
                    ("tail", (Scope.local, 3)),
                    ("range_", (Scope.local, 1, 4)),
                    ("skip", (Scope.local, 1)),
                ]
            )
            yield self._sorted(state, *sort)
            yield self._sorted(state, *sort, cut)
            yield self._step(state, ("dedup", (Scope.local,)), ordered=False)
        if state.of == "number":
            yield self._step(state, (self._one(["sum_", "max_", "min_", "mean"]), (Scope.local,)), kind="number")
            yield self._sorted(state, ("order", (Scope.local,)), ("by", (Order.desc,)))
        if state.of == "text":
            yield self._sorted(state, ("order", (Scope.local,)))
            yield self._step(state, (self._one(["max_", "min_"]), (Scope.local,)), kind="text")
