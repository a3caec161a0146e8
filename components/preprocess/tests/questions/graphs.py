"""A small made-up world as a graph's CSV, and the brute-force answers to questions about it."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from random import Random

from ckgqa_preprocess.schema import PredicateSignature, Schema

from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id
from ckgqa.runtime.artefacts import GRAPH_CSV
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.manifest import Manifest, write_manifest

SOUNDS = {
    "明": "ming", "名": "ming", "铭": "ming", "民": "min", "敏": "min", "伟": "wei", "维": "wei", "卫": "wei",
    "丽": "li", "莉": "li", "立": "li", "力": "li", "军": "jun", "君": "jun", "俊": "jun", "华": "hua", "花": "hua",
    "张": "zhang", "李": "li", "王": "wang", "赵": "zhao", "陈": "chen", "风": "feng", "云": "yun", "山": "shan",
    "海": "hai", "天": "tian", "地": "di", "月": "yue", "星": "xing", "河": "he", "城": "cheng", "春": "chun",
    "秋": "qiu", "大": "da", "学": "xue", "国": "guo", "第": "di", "歌": "ge",
}  # fmt: skip
FILM, PERSON = "影视作品", "人物"
SIGNATURES = [
    ("导演", FILM, {"@value": PERSON}),
    ("主演", FILM, {"@value": PERSON}),
    ("妻子", PERSON, {"@value": PERSON}),
    ("国籍", PERSON, {"@value": "国家"}),
    ("首都", "国家", {"@value": "城市"}),
    ("简称", "机构", {"@value": "Text"}),
    ("上映时间", FILM, {"@value": "Date", "inArea": "地点"}),
    ("饰演", "娱乐人物", {"@value": PERSON, "inWork": FILM}),
    ("邮政编码", "行政区", {"@value": "Text"}),
]
OWN = ("宠物", PERSON, {"@value": "动物", "inCity": "城市"})
"""A predicate that no template knows."""
STRANGE = ["《忆》", "A.B.C", "花{样}年(华)", "甲|乙", "他说“不”", "Yes! 光之美少女5"]
"""Names that a careless program would take for something else."""
UNUSABLE = ["断\n行", "长" * 41, "！？"]

WorldFact = tuple[str, str, str, dict[str, str]]
"""Predicate, subject, subject's type, slots."""


def schema(*more: tuple[str, str, dict[str, str]]) -> Schema:
    return Schema(PredicateSignature(predicate, kind, slots, 1) for predicate, kind, slots in (*SIGNATURES, *more))


def world(people: int = 240, films: int = 90) -> list[WorldFact]:
    """Return the facts of a world in which every predicate has some; the strange names are films."""
    rng = Random(5)
    second = "明名铭民敏伟维卫丽莉立力军君俊华花"
    persons = sorted({rng.choice("张李王赵陈") + rng.choice(second) + rng.choice(second) for _ in range(people)})
    letters = "风云山海天地月星河城春秋"
    made = sorted({"".join(rng.choices(letters, k=rng.choice([4, 5, 6]))) for _ in range(films)})
    titles = [*STRANGE, *UNUSABLE, *made]
    countries = ["天国", "海国", "山国", "云国", "风国", "月国", "星国"]
    facts: list[WorldFact] = []
    for number, title in enumerate(titles):
        facts.append(("导演", title, FILM, {"@value": rng.choice(persons)}))
        facts += [
            ("主演", title, FILM, {"@value": actor}) for actor in rng.sample(persons, 8 if title in STRANGE else 3)
        ]
        date = {"@value": f"{1990 + number % 30}年{1 + number % 12}月"}
        facts.append(("上映时间", title, FILM, date | ({"inArea": rng.choice(countries)} if number % 2 else {})))
        for actor in rng.sample(persons, 2):
            role = {"@value": rng.choice(letters) + rng.choice(letters) + "客", "inWork": title}
            facts.append(("饰演", actor, "娱乐人物", role))
    for one, other in zip(persons[::2], persons[1::2], strict=False):
        facts.append(("妻子", one, PERSON, {"@value": other}))
    facts += [("国籍", one, PERSON, {"@value": rng.choice(countries)}) for one in persons]
    small = [f"{letter}春国" for letter in letters]
    facts += [("首都", country, "国家", {"@value": country[:-1] + "城"}) for country in [*countries, *small]]
    facts += [("简称", f"{a}{b}大学", "机构", {"@value": f"{a}{b}大"}) for a in letters for b in "明伟军华"]
    facts += [("邮政编码", f"{a}城", "行政区", {"@value": f"10000{n}"}) for n, a in enumerate("春秋地")]
    return facts


def write_graph(folder: Path, facts: list[WorldFact], of: Schema, source: str = "labelled") -> Path:
    """Write facts as `neptune_load csv` does."""
    types: dict[str, set[str]] = defaultdict(set)
    aliases: dict[str, set[str]] = defaultdict(set)
    plain, more = set(), {}
    signatures = {one.predicate: one for signatures in of.by_predicate.values() for one in signatures}
    for predicate, subject, kind, slots in facts:
        types[subject].add(kind)
        for slot, value in slots.items():
            types[value].add(signatures[predicate].object_type[slot] if predicate in signatures else "Text")
        if predicate == "简称":
            aliases[subject].add(slots["@value"])
        plain.add((subject, predicate, slots["@value"]))
        if len(slots) > 1:
            more[fact_id(subject, predicate, slots)] = (subject, predicate, slots)
    folder.mkdir(parents=True)
    with (folder / "names.jsonl").open("w", encoding="utf-8") as lines:
        for name in sorted(types):
            record = {
                "id": entity_id(name), "name": name, "types": sorted(types[name]), "aliases": sorted(aliases[name]),
                "pinyin": " ".join(SOUNDS.get(letter, letter) for letter in name),
            }  # fmt: skip
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    vertices = [(entity_id(name), "entity", name, ";".join(sorted(types[name])), "") for name in types]
    vertices += [(key, "fact", "", "", predicate) for key, (_, predicate, _) in more.items()]
    header = ("~id", "~label", "name:String(single)", "type:String[]", "predicate:String(single)")
    _write_csv(folder / "vertices.csv", header, vertices)
    edges = [
        (
            edge_id(subject, predicate, value),
            entity_id(subject),
            entity_id(value),
            predicate,
            source,
            "1.0",
            "1",
            "train:1",
        )
        for subject, predicate, value in plain
    ]
    for key, (subject, _, slots) in more.items():
        for role, name in {"subject": subject, **slots}.items():
            edges.append((slot_edge_id(key, role), key, entity_id(name), role, source, "1.0", "1", "train:1"))
    header = ("~id", "~from", "~to", "~label", "source:String", "score:Double", "count:Int", "evidence:String")
    _write_csv(folder / "edges.csv", header, edges)
    write_manifest(folder, Manifest(*GRAPH_CSV, of.hash, "neptune_load csv"))
    return folder


def write_schema(path: Path, of: Schema) -> Path:
    path.write_text(json.dumps(of.to_json(), ensure_ascii=False), encoding="utf-8")
    return path


def _write_csv(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([header, *sorted(rows)])


def answers(intent: Intent, names: dict[str, str], facts: list[WorldFact]) -> set[str]:
    """Answer by brute force over the facts, as the data contract says."""
    found = {name for name, roles in _matching(intent.chain[0], names, facts)}
    for step in intent.chain[1:]:
        found = {end for name in found for end, _ in _matching(step, {step.given_role: name}, facts)}
    return found


def holds(predicate: str, names: dict[str, str], facts: list[WorldFact]) -> bool:
    return any(one[0] == predicate and names.items() <= {"subject": one[1], **one[3]}.items() for one in facts)


def _matching(step, names, facts):
    for predicate, subject, _, slots in facts:
        roles = {"subject": subject, **slots}
        if predicate == step.predicate and names.items() <= roles.items() and step.asked in roles:
            yield roles[step.asked], roles
