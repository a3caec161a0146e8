"""A small graph with everything that traversals can trip over, written through any connection."""

from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import Cardinality, T

# Full-width signs, a character beyond U+FFFF (order by UTF-16 differs from order by code point), Latin letters, digits.
NAMES = [
    "战狼",
    "吴京",
    "战狼2",
    "余男",
    "Wolf Warrior",
    "𠮷野家",
    "（无名）",
    "中国",
    "北京",
    "红楼梦",
    "曹雪芹",
    "高鹗",
]
NAMES += ["龙小云", "冷锋", "a", "B", "10", "9"]
TYPES = {"吴京": ["人物", "娱乐人物"], "中国": ["国家", "地点"], "红楼梦": ["图书作品", "影视作品"], "a": []}
PREDICATES = ["导演", "主演", "作者", "国籍", "首都"]
SOURCES = ["labelled", "extracted"]
FACTS = {
    "f1": ("饰演", {"subject": "吴京", "@value": "冷锋", "inWork": "战狼"}),
    "f2": ("饰演", {"subject": "余男", "@value": "龙小云"}),
}


def vertex_ids():
    return [f"v{at:02}" for at in range(len(NAMES))]


def edges():
    """List (id, from, label, to, source, score, count): a supernode (中国), a loop, twins, a vertex alone."""
    ids = vertex_ids()
    ends = [(at, (at * 7 + 3) % 17) for at in range(17)] + [(at, 7) for at in range(0, 16, 2)]
    ends += [(0, 1), (0, 1), (1, 0), (8, 8), (2, 1), (9, 10), (9, 11), (7, 8)]
    for at, (start, end) in enumerate(ends):
        # Sixty-fourths: sums are exact in whatever order they are added.
        yield f"e{at:02}", ids[start], PREDICATES[at % 5], ids[end], SOURCES[at % 2], (at * 5 % 64) / 64, at % 4 + 1


def write(g):
    """Empty the graph behind `g` and write the made one."""
    g.V().drop().id_().to_list()
    for vertex, name in zip(vertex_ids(), NAMES, strict=True):
        added = g.add_v("entity").property(T.id, vertex).property(Cardinality.single, "name", name)
        for one in TYPES.get(name, ["作品" if len(name) > 2 else "人物"]):
            added = added.property(Cardinality.set_, "type", one)
        added.id_().to_list()
    for fact, (predicate, _) in FACTS.items():
        added = g.add_v("fact").property(T.id, fact).property(Cardinality.single, "predicate", predicate)
        added.property(Cardinality.single, "checked", fact == "f1").id_().to_list()
    for edge, start, label, end, source, score, count in edges():
        added = g.add_e(label).from_(__.V(start)).to(__.V(end)).property(T.id, edge)
        added.property("source", source).property("score", score).property("count", count).id_().to_list()
    names = dict(zip(NAMES, vertex_ids(), strict=True))
    for fact, (_, slots) in FACTS.items():
        for slot, name in slots.items():
            g.V(fact).add_e(slot).to(__.V(names[name])).property(T.id, f"{fact}-{slot}").id_().to_list()
