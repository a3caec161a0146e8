"""Generates the frozen evaluation questions: those of one commit, so that answers of different versions compare.

python components/answer/benchmarks/frozen_questions.py --raw DuIE_2_0.zip --output frozen

The commit's own code makes sentences, CSV and questions of DuIE 2.0's archive, in a git worktree that is removed
afterwards. The questions hold the archive's names, so they are never part of the repository: their hashes are.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COMMIT = "ac9200c511ae"
SHA256 = {
    "validation": "4125bdd7148e40f85624c1d5b1ba2248f3d3af5ad8c471ecd03e70c6d9276e55",
    "test": "a7edde9e94a4ce19d250e0605cbc7a7880132e5d408ba96275e0780619875db5",
}
"""Of each split's file, made from DuIE 2.0's archive."""
REPOSITORY = Path(__file__).resolve().parents[3]


def commands(raw: Path, output: Path) -> list[list[str]]:
    """Return the command lines of the stages, relative to a checkout of the commit."""
    sentences, graph_csv = str(output / "sentences"), str(output / "graph-csv")
    return [
        ["ckgqa_preprocess", "duie", "--raw", str(raw), "--sentences", sentences],
        ["ckgqa_neptune_load", "csv", "--sentences", sentences, "--graph-csv", graph_csv],
        ["ckgqa_preprocess", "questions", "--graph-csv", graph_csv, "--schema", sentences, "--questions",
         str(output / "questions")],
    ]  # fmt: skip


def wrong_hashes(questions: Path) -> list[str]:
    """Return the splits whose file is not the frozen one."""
    paths = {split: questions / f"{split}.jsonl" for split in SHA256}
    return [split for split, path in paths.items() if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256[split]]


def main() -> None:
    """Generate the questions and compare their hashes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raw", type=Path, required=True, help="DuIE 2.0's archive")
    parser.add_argument("--output", type=Path, required=True, help="a new folder, for sentences, CSV and questions")
    given = parser.parse_args()
    output = given.output.resolve()
    output.mkdir(parents=True)
    git = ["git", "-C", str(REPOSITORY)]
    with tempfile.TemporaryDirectory() as parent:
        worktree = Path(parent) / "commit"
        subprocess.run([*git, "worktree", "add", "--detach", str(worktree), COMMIT], check=True)
        sources = [str(worktree), *map(str, worktree.glob("components/*/src"))]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sources)}
        try:
            for command in commands(given.raw.resolve(), output):
                subprocess.run([sys.executable, "-m", *command], cwd=worktree, env=environment, check=True)
        finally:
            subprocess.run([*git, "worktree", "remove", "--force", str(worktree)], check=True)
    wrong = wrong_hashes(output / "questions")
    sys.exit(f"these splits are not the frozen ones: {', '.join(wrong)}; is this another archive?" if wrong else 0)


if __name__ == "__main__":
    main()
