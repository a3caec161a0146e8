"""Time and memory of `csv` against the number of triples, as the table of the README.

python components/neptune_load/benchmarks/csv_scale.py --work /tmp/scale --sizes 1000000 2500000 5000000 10000000
"""

import argparse
import shutil
from pathlib import Path

import click
from measuring import SIZES, csv_of, work_folder

HEADER = """\
| triples | seconds | CPU seconds | peak memory MB | triples/s |
| ---: | ---: | ---: | ---: | ---: |"""


def run(work: Path, sizes: list[int], *, keep: bool) -> None:
    """Make each size and print its row; what was made goes away, or with `keep` its CSV stays for `load_scale.py`."""
    with work_folder(work, max(sizes), sum(sizes) if keep else 0) as folder:
        click.echo(HEADER)
        for size in sizes:
            graph_csv, took = csv_of(folder, size)
            speed = f"{size / took.seconds:,.0f}"
            click.echo(f"| {size:,} | {took.seconds:.0f} | {took.cpu_seconds:.0f} | {took.peak_mb:.0f} | {speed} |")
            if keep:
                shutil.rmtree(work / graph_csv.name, ignore_errors=True)
                graph_csv.rename(work / graph_csv.name)
            else:
                shutil.rmtree(graph_csv)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with room for 1.3 kB a triple")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of triples")
    parser.add_argument("--keep", action="store_true", help="leave the CSV in --work, for load_scale.py")
    arguments = parser.parse_args()
    run(arguments.work, arguments.sizes, keep=arguments.keep)
