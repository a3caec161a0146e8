"""A graph small enough to check by hand, and models that say what a test tells them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ckgqa_answer.question_model.prediction import Prediction, read_predictions
from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import Cardinality, T
from pypinyin import lazy_pinyin

from ckgqa.graph.bulk import BulkEdge, BulkLoader, BulkVertex
from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id
from ckgqa.runtime.artefacts import GRAPH, SUBJECT, VALUE
from ckgqa.runtime.manifest import Manifest, write_manifest


class Said(NamedTuple):
    """A fact, the sentence that says it, and how sure that is."""

    subject: str
    predicate: str
    value: str
    slots: Mapping[str, str] = {}
    source: str = "labelled"
    score: float = 1.0


TYPES = {
    "战狼": ["影视作品"], "战狼2": ["影视作品"], "流浪地球": ["影视作品"], "攀登者": ["影视作品"],
    "吴京": ["人物", "娱乐人物"], "谢楠": ["人物"], "郭帆": ["人物"], "李仁港": ["人物"], "余男": ["娱乐人物"],
    "冷锋": ["人物"], "龙小云": ["人物"], "刘培强": ["人物"], "方五洲": ["人物"],
    "活着": ["图书作品", "影视作品", "歌曲"], "余华": ["人物"], "张艺谋": ["人物"], "李健": ["人物"],
    "红楼梦": ["图书作品"], "曹雪芹": ["人物", "历史人物"], "高鹗": ["历史人物"],
    "清华大学": ["学校", "机构"], "清华": ["Text"], "邱勇": ["人物"], "中国": ["国家", "地点"],
    "46.55亿元": ["Number"], "56.8亿": ["Number"], "2017-07-27": ["Date"], "王老五": ["人物"],
    "J.K.罗琳": ["人物"], "哈利·波特": ["图书作品"], "Titanic": ["影视作品"], "卡梅隆": ["人物"], "李四光": ["人物"],
    "地质力学": ["图书作品"], "张曼玉": ["娱乐人物"], "最佳女演员奖": ["奖项"], "2004年": ["Date"], "57": ["Number"],
    "清洁": ["影视作品"],
}  # fmt: skip
FACTS = [
    Said("战狼", "导演", "吴京"), Said("战狼2", "导演", "吴京"), Said("流浪地球", "导演", "郭帆"),
    Said("攀登者", "导演", "李仁港"), Said("攀登者", "主演", "吴京"), Said("战狼", "主演", "吴京"),
    Said("战狼", "主演", "余男"), Said("战狼2", "主演", "吴京", {}, "extracted", 0.6),
    Said("流浪地球", "主演", "吴京"), Said("吴京", "妻子", "谢楠"), Said("谢楠", "丈夫", "吴京"),
    Said("吴京", "国籍", "中国"), Said("谢楠", "国籍", "中国"), Said("吴京", "饰演", "冷锋", {"inWork": "战狼"}),
    Said("余男", "饰演", "龙小云", {"inWork": "战狼"}), Said("吴京", "饰演", "刘培强", {"inWork": "流浪地球"}),
    Said("吴京", "饰演", "方五洲"), Said("活着", "作者", "余华"), Said("活着", "导演", "张艺谋"),
    Said("活着", "歌手", "李健"), Said("红楼梦", "作者", "曹雪芹"), Said("红楼梦", "作者", "高鹗"),
    Said("清华大学", "简称", "清华"), Said("清华大学", "校长", "邱勇"),
    Said("流浪地球", "票房", "46.55亿元", {"inArea": "中国"}), Said("战狼2", "票房", "56.8亿"),
    Said("战狼2", "上映时间", "2017-07-27", {"inArea": "中国"}), Said("哈利·波特", "作者", "J.K.罗琳"),
    Said("Titanic", "导演", "卡梅隆"), Said("地质力学", "作者", "李四光"), Said("清洁", "主演", "张曼玉"),
    Said("张曼玉", "获奖", "最佳女演员奖", {"inWork": "清洁", "onDate": "2004年", "period": "57"}),
    Said("余男", "妻子", "王老五", {}, "extracted", 0.4),
]  # fmt: skip
ALIASES = {"清华大学": ["清华"]}


def names_of(fact: Said) -> list[str]:
    return [fact.subject, fact.value, *fact.slots.values()]


def vertices_and_edges(facts: Sequence[Said], prefix: str = "") -> tuple[dict[str, BulkVertex], dict[str, BulkEdge]]:
    """Make what `neptune_load csv` makes; every name begins with `prefix`."""
    vertices: dict[str, BulkVertex] = {}
    edges: dict[str, BulkEdge] = {}
    for number, fact in enumerate(facts, start=1):
        for name in names_of(fact):
            key = entity_id(prefix + name)
            vertices[key] = BulkVertex(key, "entity", prefix + name, TYPES.get(name, []))
        subject, value = prefix + fact.subject, prefix + fact.value
        support = (fact.source, fact.score, 1, f"train:{number}")
        key = edge_id(subject, fact.predicate, value)
        edges[key] = BulkEdge(key, entity_id(subject), entity_id(value), fact.predicate, *support)
        if fact.slots:
            slots = {VALUE: value, **{slot: prefix + name for slot, name in fact.slots.items()}}
            own = fact_id(subject, fact.predicate, slots)
            vertices[own] = BulkVertex(own, "fact", predicate=fact.predicate)
            for slot, name in {SUBJECT: subject, **slots}.items():
                edges[slot_edge_id(own, slot)] = BulkEdge(slot_edge_id(own, slot), own, entity_id(name), slot, *support)
    return vertices, edges


def sentence_of(fact: Said) -> str:
    where = "".join(f"在{name}" for name in fact.slots.values())
    return f"{fact.subject}{where}的{fact.predicate}是{fact.value}。"


def write_lines(path: Path, records: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def write_names(folder: Path, facts: Sequence[Said] = FACTS, prefix: str = "") -> None:
    """Write `names.jsonl` and `texts.jsonl`."""
    names = sorted({name for fact in facts for name in names_of(fact)})
    write_lines(
        folder / "names.jsonl",
        [
            {
                "id": entity_id(prefix + name),
                "name": prefix + name,
                "types": TYPES.get(name, []),
                "aliases": [prefix + alias for alias in ALIASES.get(name, [])],
                "pinyin": " ".join(" ".join(lazy_pinyin(prefix + name)).lower().split()),
            }
            for name in names
        ],
    )
    texts = [{"id": f"train:{number}", "text": sentence_of(fact)} for number, fact in enumerate(facts, start=1)]
    write_lines(folder / "texts.jsonl", texts)


def write_graph(folder: Path, facts: Sequence[Said] = FACTS) -> Path:
    """Write a folder as `neptune_load load` does, with an embedded graph."""
    folder.mkdir(parents=True, exist_ok=True)
    vertices, edges = vertices_and_edges(facts)
    with BulkLoader(folder / "graph.db") as loader:
        loader.add_vertices(vertices.values())
        loader.add_edges(edges.values())
    write_names(folder, facts)
    write_manifest(folder, Manifest(*GRAPH, "schema", "neptune_load load"))
    return folder


def load_server(g: GraphTraversalSource, facts: Sequence[Said], prefix: str) -> None:
    """Write the same into a Gremlin Server."""
    vertices, edges = vertices_and_edges(facts, prefix)
    for vertex in vertices.values():
        if g.V(vertex.id).to_list():
            continue
        added = g.add_v(vertex.label).property(T.id, vertex.id)
        for key, one in (("name", vertex.name), ("predicate", vertex.predicate)):
            added = added if one is None else added.property(Cardinality.single, key, one)
        for kind in vertex.types:
            added = added.property(Cardinality.set_, "type", kind)
        added.id_().to_list()
    for edge in edges.values():
        if g.E(edge.id).to_list():
            continue
        added = g.add_e(edge.label).from_(__.V(edge.from_id)).to(__.V(edge.to_id)).property(T.id, edge.id)
        added = added.property("source", edge.source).property("score", edge.score)
        added.property("count", edge.sentence_count).property("evidence", edge.evidence).id_().to_list()


def record(question: str, label: str, slots: Mapping[str, str] | Sequence[tuple[str, str]] = (), **more: float):
    """Give what `/invocations` says of a question: the label at 0.97, or at `p`; further labels by `others`."""
    pairs = list(slots.items()) if isinstance(slots, Mapping) else list(slots)
    marked = []
    for role, text in pairs:
        start = question.index(text)
        marked.append({"role": role, "start": start, "end": start + len(text), "text": text, "probability": 0.99})
    probability = more.pop("p", 0.97)
    probabilities = {label: probability, **more}
    return {"predicted_label": label, "probability": probability, "probabilities": probabilities, "slots": marked}


class Scripted:
    """A model that says what it was told; asked anything else, it fails the test."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, object]] = {}
        self.asked: list[str] = []

    def tell(self, question: str, label: str, slots=(), others: Mapping[str, float] | None = None, p: float = 0.97):
        self.records[question] = record(question, label, slots, p=p, **(others or {}))

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        self.asked += questions
        reply = {"predictions": [self.records[question] for question in questions]}
        return read_predictions(reply, questions, "a test's model")
