"""Time and memory of `add` against the size of the graph that is added to.

python components/neptune_load/benchmarks/add_scale.py --work /tmp/scale --sizes 100000 1000000 --added 1000
"""

import argparse
import json
import shutil
from pathlib import Path

import click
from measuring import SIZES, csv_of, measure, work_folder
from synthetic_facts import SEED

HEADER = """\
| triples in the graph | triples given | edges added | edges known | seconds | CPU seconds | peak memory MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def run(work: Path, sizes: list[int], added: int) -> None:
    """Add as many triples to a graph of each size and print its row; what is made goes away."""
    with work_folder(work, max(sizes) + added) as folder:
        click.echo(HEADER)
        for size in sizes:
            base, new = folder / "base", folder / "new"
            graph_csv, _ = csv_of(folder, size)
            measure(["load", "--graph-csv", str(graph_csv), "--graph", str(base)], folder)
            shutil.rmtree(graph_csv)
            batch, _ = csv_of(folder, added, SEED + 1)
            words = ["add", "--base", str(base), "--graph-csv", str(batch), "--graph", str(new)]
            took = measure(words, folder)
            report: dict[str, int] = json.loads((new / "report.json").read_text(encoding="utf-8"))
            for path in (base, batch, new):
                shutil.rmtree(path)
            edges = f"{report['added_edges']:,} | {report['known_edges']:,}"
            spent = f"{took.seconds:.0f} | {took.cpu_seconds:.0f} | {took.peak_mb:.0f}"
            click.echo(f"| {size:,} | {added:,} | {edges} | {spent} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with room for 1.3 kB a triple")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="triples in the graph")
    parser.add_argument("--added", type=int, default=1000, help="triples that are added")
    arguments = parser.parse_args()
    run(arguments.work, arguments.sizes, arguments.added)
