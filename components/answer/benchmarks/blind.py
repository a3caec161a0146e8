"""Makes labelled questions (ckgqa/questions) of the blind set, for `answer evaluate` to ask.

python components/answer/benchmarks/blind.py --sentences sentences --questions blind-questions

`blind/cards.jsonl` says what each question was to ask for; `blind/questions.jsonl` is how somebody asked it who had
seen the schema and names alone. The right answers are not in them: `evaluate` finds them in the labelled sentences.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ckgqa.runtime.artefacts import QUESTIONS, SENTENCES, SUBJECT, VALUE
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.intents import Intent, Step
from ckgqa.runtime.jsonlines import read_jsonl, write_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest

BLIND = Path(__file__).resolve().parents[1] / "blind"
Record = dict[str, Any]


def asked_for(card: Record) -> tuple[Intent, dict[str, str]]:
    """Say what a card asks for: the intent, and the names that are given, by role."""
    kind, predicate = card["kind"], card.get("predicate", "")
    if kind == "outside":
        return Intent("outside"), {}
    if kind == "slot":
        return Intent("list", (Step(predicate, card["asked_slot"]),)), {SUBJECT: card["subject"], **card["given"]}
    if kind == "yes_no":
        return Intent("yes_no", (Step(predicate, VALUE),)), {SUBJECT: card["subject"], VALUE: card["object"]}
    if kind in {"two_hops", "follow_up"}:
        first, second = (Step(one, VALUE) for one in card["predicates"])
        return Intent("list", (first, second)), {SUBJECT: card["name"]}
    if kind == "subject_asked" or card.get("counts") == "subjects":
        step, role = Step(predicate, SUBJECT), VALUE
    else:
        step, role = Step(predicate, VALUE), SUBJECT
    return Intent("count" if kind == "count" else "list", (step,)), {role: card["name"]}


def records() -> Iterator[Record]:
    """Give the labelled questions; of a conversation both, the second with the intent over both steps."""
    cards = {record["id"]: record for _, record in read_jsonl(BLIND / "cards.jsonl")}
    for _, asked in read_jsonl(BLIND / "questions.jsonl"):
        card: Record = dict(cards[asked["id"]])
        if not asked["question"]:  # a card that makes no question a person would ask
            continue
        intent, given = asked_for(card)
        shape = card["kind"]
        if "then" in asked:
            lead = Intent("list", intent.chain[:1])
            yield _record(f"blind:{asked['id']}a", asked["question"], lead, given, "object_asked")
            follows = {"follows": f"blind:{asked['id']}a"}
            yield _record(f"blind:{asked['id']}", asked["then"], intent, given, shape) | follows
        else:
            yield _record(f"blind:{asked['id']}", asked["question"], intent, given, shape)


def _record(name: str, text: Any, intent: Intent, given: dict[str, str], shape: str) -> Record:  # noqa: ANN401 -- JSON
    implied = [{"role": role, "name": one} for role, one in given.items()]
    return {"id": name, "text": text, "intent": intent.label, "mentions": [], "implied": implied, "shape": shape}


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, required=True, help="labelled sentences, for their schema's hash")
    parser.add_argument("--questions", type=Path, required=True, help="the folder to write")
    given = parser.parse_args()
    schema_hash = read_manifest(given.sentences, SENTENCES).schema_hash
    with atomic_folder(given.questions) as work:
        write_jsonl(work / "test.jsonl", records())
        inputs = {"blind": tree_hash(BLIND)}
        write_manifest(work, Manifest(*QUESTIONS, schema_hash, "benchmarks/blind.py", {}, inputs))


if __name__ == "__main__":
    main()
