"""Made-up extracted triples in any number."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from ckgqa.runtime.artefacts import FACTS
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.progress import track

SEED = 13
PREDICATES = ("导演", "主演", "作者", "国籍", "毕业院校", "简称", "上映时间", "出品公司", "饰演", "获奖")
SYLLABLES = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"
NAMES_PER_TRIPLE = 0.6
COMPLEX_SHARE = 0.08  # facts with a second slot, as many as DuIE has


def write_facts(folder: Path, triples: int, seed: int = SEED) -> None:
    """Write a `ckgqa/facts` folder with so many triples, two in a sentence; the same for every call with one seed."""
    folder.mkdir(parents=True)
    with (folder / "facts.jsonl").open("w", encoding="utf-8") as out:
        for record in track(_records(triples, seed), triples // 2, "sentences", "facts"):
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    write_manifest(folder, Manifest(*FACTS, "synthetic", "benchmark"))


def _records(triples: int, seed: int) -> Iterator[dict[str, object]]:
    generator = random.Random(seed)  # noqa: S311 -- data for a benchmark
    names = max(int(triples * NAMES_PER_TRIPLE), 1)
    for number in range(triples // 2):
        found = [_triple(generator, names) for _ in range(2)]
        text = "，".join(f"{triple['subject']}的{triple['predicate']}在这里说到了" for triple in found) + "。"
        yield {"id": f"made{seed}:{number}", "text": text, "triples": found}


def _triple(generator: random.Random, names: int) -> dict[str, object]:
    """Make one triple; few names stand in many triples, as in real text."""
    slots, types = {"@value": _name(generator, names)}, {"@value": "人物"}
    if generator.random() < COMPLEX_SHARE:
        slots["inWork"], types["inWork"] = _name(generator, names), "影视作品"
    return {
        "subject": _name(generator, names),
        "subject_type": generator.choice(("影视作品", "人物", "机构")),
        "predicate": generator.choice(PREDICATES),
        "object": slots,
        "object_type": types,
        "score": round(generator.random(), 4),
    }


def _name(generator: random.Random, names: int) -> str:
    number = int(generator.random() ** 1.5 * names)
    text = ""
    for _ in range(3):
        number, place = divmod(number, len(SYLLABLES))
        text += SYLLABLES[place]
    return f"{text}{number}" if number else text
