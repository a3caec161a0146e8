"""Asks about names that a graph lacks, made of its own, and counts how many are answered as the shorter name.

python components/answer/benchmarks/longer_names.py --graph graph --endpoint http://127.0.0.1:8080

《战狼2》 is made of 《战狼》, 清华大学附中 of 清华大学. Names of the graph that look like qualifiers (不能说的秘密) are
asked about as they are, and the questions that are misread are counted.
"""

import argparse
import logging
import random
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

# Behind PYTHONPATH, so that another version can be measured.
sys.path.append(str(Path(__file__).resolve().parents[1] / "src"))

from ckgqa_answer.application import Application
from ckgqa_answer.confidence.calibration import load_calibration
from ckgqa_answer.factory import open_application, open_model
from ckgqa_answer.retrieval.queries import facts_of

from ckgqa.runtime.artefacts import NAMES_JSONL
from ckgqa.runtime.jsonlines import read_jsonl

SEED = 7
FACTS_OF_ONE = 20
WORDINGS = {"导演": "是谁导演的", "作者": "的作者是谁", "歌手": "是谁唱的", "主演": "的主演有谁"}
"""A question for the value of each predicate that works have."""
MADE = (
    ("《X2》", "《{}2》", 1500), ("X2", "{}2", 500), ("《新X》", "《新{}》", 500), ("新X", "新{}", 500),
    ("《X前传》", "《{}前传》", 300), ("X第二季", "{}第二季", 300),
)  # fmt: skip
"""How a name is made of a work's, and how many are asked about."""
SCHOOLS = (("X附中", "{}附中是哪年成立的", 200), ("X附属医院", "{}附属医院的院长是谁", 100))
LOOKS_LIKE_A_QUALIFIER = re.compile("不|没|除了|第一|最|[0-9]{4}年|只有|超过")


def works(application: Application, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield works of the graph, each with the wording of a question that the graph answers."""
    for name in names:
        if "》" not in name:
            predicates = {fact.predicate for fact in facts_of(application.graph, [name], FACTS_OF_ONE)}
            if asked := sorted(predicates & WORDINGS.keys()):
                yield name, WORDINGS[asked[0]]


def absent(application: Application, names: Sequence[str], made: str, count: int) -> Iterator[str]:
    """Yield questions about names that the graph lacks."""
    questions = (
        made.format(name) + wording
        for name, wording in works(application, names)
        if not application.lexicon.lookup(made.format(name))
    )
    yield from islice(questions, count)


def row(application: Application, title: str, questions: Sequence[str]) -> str:
    """Ask the questions; return a row of the table."""
    answered = sum(application.ask(question).status == "answered" for question in questions)
    return f"| {title} | {len(questions):,} | {answered / len(questions):.1%} |"


def misread(application: Application, names: Sequence[str]) -> str:
    """Ask about names that look like qualifiers, with title marks and without; return a row of the table."""
    looking = [name for name in names if LOOKS_LIKE_A_QUALIFIER.search(name)]
    questions = [
        text for name, wording in works(application, looking) for text in (f"《{name}》{wording}", name + wording)
    ]
    wrong = sum("没有听懂：" in application.ask(question).answer for question in questions)
    return f"| names with such characters: read as a qualifier | {len(questions):,} | {wrong / len(questions):.1%} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, required=True, help="folder of the graph that answers")
    parser.add_argument("--endpoint", required=True, help="the question model")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    model = open_model(given.endpoint)
    application = open_application(given.graph, model, calibration=load_calibration(""))
    records = [record for _, record in read_jsonl(given.graph / NAMES_JSONL)]
    names = [str(record["name"]) for record in records]
    random.Random(SEED).shuffle(names)  # noqa: S311 -- no secret
    universities = [name for name in names if name.endswith("大学")]
    lines = ["| asked about | questions | answered |", "| --- | ---: | ---: |"]
    lines += [row(application, title, list(absent(application, names, made, count))) for title, made, count in MADE]
    lines += [
        row(application, title, [made.format(name) for name in universities[:count]]) for title, made, count in SCHOOLS
    ]
    sys.stdout.write("\n".join([*lines, misread(application, names)]) + "\n")


if __name__ == "__main__":
    main()
