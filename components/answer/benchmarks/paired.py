"""Compares two versions of the answerer on the same questions, question by question.

python components/answer/benchmarks/paired.py ask --questions questions --graph graph \
    --endpoint http://127.0.0.1:8080 --replies before.jsonl
python components/answer/benchmarks/paired.py compare --questions questions --sentences sentences \
    before.jsonl after.jsonl

`ask` runs with the version on PYTHONPATH and stores each reply; `compare` judges both with the gold of its own version.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Behind PYTHONPATH, so that another version can ask.
sys.path.append(str(Path(__file__).resolve().parents[1] / "src"))

from ckgqa_answer.confidence.calibration import load_calibration
from ckgqa_answer.evaluation.dataset import read_questions
from ckgqa_answer.evaluation.gold import Gold, read_triples
from ckgqa_answer.evaluation.run import answerer_of, evaluate_questions, gold_answer
from ckgqa_answer.factory import open_application, open_model
from ckgqa_answer.settings import AnswerSettings

from ckgqa.runtime.jsonlines import read_jsonl, write_jsonl

Reply = Mapping[str, Any]
MAX_ROWS = 10_000


def ask(given: argparse.Namespace) -> None:
    """Ask every question and store what was replied."""
    questions = read_questions(given.questions, given.split)
    application = open_application(
        given.graph,
        open_model(given.endpoint),
        settings=AnswerSettings(max_rows=MAX_ROWS),
        calibration=load_calibration(given.calibration),
    )
    evaluated = evaluate_questions(questions, Gold([]), answerer_of(application), "replies")
    write_jsonl(
        given.replies,
        (
            {
                "id": each.question.id, "text": each.question.text, "shape": each.question.shape,
                "status": each.reply.status, "values": list(each.reply.values), "confidence": each.reply.confidence,
                "understood": each.reply.understood.intent, "answer": each.reply.answer,
            }
            for each in evaluated
        ),
    )  # fmt: skip


def is_right(reply: Reply, expected: frozenset[str]) -> bool:
    """Return whether a reply has exactly the right values, or none where none are expected."""
    return frozenset(reply["values"]) == expected if reply["status"] == "answered" else not expected


def compare(given: argparse.Namespace) -> None:
    """Print how many replies of each shape are right in each version, and which changed."""
    questions = read_questions(given.questions, given.split)
    gold = Gold(read_triples(given.sentences))
    before, after = ({str(one["id"]): one for _, one in read_jsonl(path)} for path in (given.before, given.after))
    counts: dict[str, Counter[str]] = {}
    for question in questions:
        expected = gold_answer(question, gold)
        first, second = before[question.id], after[question.id]
        outcome = (is_right(first, expected), is_right(second, expected))
        for shape in (question.shape, "**all**"):
            counts.setdefault(shape, Counter()).update(
                {"questions": 1, "before": outcome[0], "after": outcome[1], "lost": outcome == (True, False),
                 "gained": outcome == (False, True)}
            )  # fmt: skip
        if given.verbose and outcome[0] != outcome[1]:
            change = {"change": "lost" if outcome[0] else "gained", "expected": sorted(expected)[:8]}
            sys.stderr.write(json.dumps(change | {"before": first, "after": second}, ensure_ascii=False) + "\n")
    columns = ("questions", "before", "after", "lost", "gained")
    lines = [
        "| questions | number | right before | right after | lost | gained |",
        "| --- |" + " ---: |" * len(columns),
    ]
    lines += [f"| {shape} | {' | '.join(str(row[key]) for key in columns)} |" for shape, row in sorted(counts.items())]
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Ask, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    asking = commands.add_parser("ask", help="ask every question and store the replies")
    asking.add_argument("--graph", type=Path, required=True, help="folder of the graph that answers")
    asking.add_argument("--endpoint", required=True, help="the question model")
    asking.add_argument("--calibration", default="", help="a calibration.json; empty: the default one")
    asking.add_argument("--replies", type=Path, required=True, help="the file to write")
    asking.set_defaults(run=ask)
    comparing = commands.add_parser("compare", help="judge two files of replies")
    comparing.add_argument("--sentences", type=Path, required=True, help="labelled sentences, for the gold")
    comparing.add_argument("--verbose", action="store_true", help="whether each changed reply goes to standard error")
    comparing.add_argument("before", type=Path, help="replies of the first version")
    comparing.add_argument("after", type=Path, help="replies of the second version")
    comparing.set_defaults(run=compare)
    for command in (asking, comparing):
        command.add_argument("--questions", type=Path, required=True, help="folder of labelled questions")
        command.add_argument("--split", default="test", help="the split that is asked")
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
