"""Seeded random changes of the made graph, each a recipe that ends in ids or a map of what it touched."""

import random

from gremlin_python.process.traversal import Cardinality, P, T

from tests.graph.made_graph import PREDICATES, vertex_ids
from tests.graph.recipes import Child


def changes(seed, number):
    """Give `number` changes; some are mistakes that both sides refuse: an id twice, an edge to nothing."""
    one = random.Random(seed)
    vertices, edges = vertex_ids(), []
    for at in range(number):
        vertex, other = one.choice(vertices), one.choice(vertices)
        kind = one.choice(
            [
                "addV",
                "addE",
                "addE",
                "addE from",
                "single",
                "set",
                "edge",
                "property",
                "drop",
                "twice",
                "lost",
                "upsert",
            ]
        )
        if kind == "addV":
            vertices.append(f"n{at}")
            yield [
                ("add_v", (one.choice(["entity", "fact"]),)), ("property", (T.id, f"n{at}")),
                ("property", (Cardinality.single, "name", f"新{at}")), ("property", (Cardinality.set_, "type", "新")),
                ("property", (Cardinality.set_, "type", one.choice(["新", "旧"]))), ("value_map", (True,)),
            ]  # fmt: skip
        elif kind.startswith("addE"):
            edges.append(f"m{at}")
            properties = [("property", (T.id, f"m{at}")), ("property", ("score", at / 64)), ("property", ("count", at))]
            ends = [("from_", (Child((("V", (vertex,)),)),)), ("to", (Child((("V", (other,)),)),))]
            start = [("V", (vertex,)), ("as_", ("x",)), ("V", (other,))] if kind == "addE from" else []
            ends = [("from_", ("x",))] if start else ends
            yield [*start, ("add_e", (one.choice(PREDICATES),)), *ends, *properties, ("element_map", ())]
        elif kind == "single":
            name = one.choice(["name", "note", "type"])
            yield [("V", (vertex,)), ("property", (Cardinality.single, name, f"改{at}")), ("value_map", ())]
        elif kind == "set":
            yield [
                ("V", (vertex, other)),
                ("property", (*one.choice([(), (Cardinality.set_,)]), "type", f"类{at % 3}")),
                ("value_map", ("type",)),
            ]
        elif kind == "edge" and edges:
            yield [
                ("E", (one.choice(edges),)),
                ("property", (one.choice(["score", "new"]), one.choice([0.5, 7, True, "字"]))),
                ("value_map", ()),
            ]
        elif kind == "property":
            yield [("V", (vertex,)), ("properties", (one.choice(["note", "type"]),)), ("drop", ())]
        elif kind == "drop":
            gone = one.choice(
                [
                    [("V", (vertices.pop(),))] if len(vertices) > 12 else [("V", ("absent",))],
                    [("E", ()), ("has", ("count", P.eq(at)))],
                ]
            )
            yield [*gone, ("drop", ())]
        elif kind == "twice":
            yield [("add_v", ("entity",)), ("property", (T.id, vertex)), ("id_", ())]
        elif kind == "lost":
            yield [("V", (vertex,)), ("add_e", ("导演",)), ("to", (Child((("V", ("absent",)),)),)), ("id_", ())]
        else:
            added = Child((("add_v", ("entity",)), ("property", (T.id, vertex))))
            yield [("V", (vertex,)), ("fold", ()), ("coalesce", (Child((("unfold", ()),)), added)), ("id_", ())]
