"""Time and memory of `csv` against the number of triples.

python components/neptune_load/benchmarks/csv_scale.py --work /tmp/scale --sizes 1000000 2500000 5000000 10000000
"""

import argparse
import shutil
from pathlib import Path

import click
from synthetic import measure, write_facts

DEFAULT_SIZES = (1_000_000, 2_500_000, 5_000_000, 10_000_000)


def run(work: Path, sizes: list[int]) -> None:
    """Make each size, run the command, print a line of the table; the CSV stays in `work` for `load_scale.py`."""
    click.echo("| triples | seconds | CPU seconds | triples/s | peak RSS MB |\n| ---: | ---: | ---: | ---: | ---: |")
    for size in sizes:
        facts, graph_csv = work / f"facts-{size}", work / f"csv-{size}"
        write_facts(facts, size)
        found = measure(["csv", "--facts", str(facts), "--graph-csv", str(graph_csv)])
        shutil.rmtree(facts)
        speed = f"{size / found.seconds:,.0f}"
        click.echo(f"| {size:,} | {found.seconds:.0f} | {found.cpu_seconds:.0f} | {speed} | {found.peak_rss_mb:.0f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with room for 1.2 kB a triple")
    parser.add_argument("--sizes", type=int, nargs="+", default=DEFAULT_SIZES)
    arguments = parser.parse_args()
    run(arguments.work, arguments.sizes)
