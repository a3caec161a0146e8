"""Time and memory of `load` against the number of triples, into a new embedded graph or an empty Gremlin Server.

python components/neptune_load/benchmarks/load_scale.py --work /tmp/scale --sizes 1000000 10000000
python components/neptune_load/benchmarks/load_scale.py --work /tmp/scale --sizes 300000 \
    --url ws://127.0.0.1:8182/gremlin
"""

import argparse
import json
import shutil
from pathlib import Path

import click
from gremlin_python.process.anonymous_traversal import traversal
from synthetic import measure, write_facts

from ckgqa.graph.connection import connect

DEFAULT_SIZES = (1_000_000, 2_500_000, 5_000_000, 10_000_000)


def run(work: Path, sizes: list[int], url: str) -> None:
    """Load each size twice and print a line of the table; the second time shows what it costs to change nothing."""
    click.echo("| triples | vertices | edges | seconds | CPU seconds | rows/s | peak RSS MB | again, seconds |")
    click.echo("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in sizes:
        graph_csv, graph = _csv(work, size), work / f"graph-{size}"
        if url:
            _refuse_full(url)
        command = ["load", "--graph-csv", str(graph_csv)]
        first = measure([*command, "--graph", str(graph), "--url", url])
        target = url or f"embedded:{graph / 'graph.db'}"
        again = measure([*command, "--graph", str(work / "again"), "--url", target])
        report = json.loads((graph / "report.json").read_text(encoding="utf-8"))
        shutil.rmtree(graph)
        shutil.rmtree(work / "again")
        rows = report["added_vertices"] + report["added_edges"]
        click.echo(
            f"| {size:,} | {report['added_vertices']:,} | {report['added_edges']:,} | {first.seconds:.0f} "
            f"| {first.cpu_seconds:.0f} | {rows / first.seconds:,.0f} | {first.peak_rss_mb:.0f} | {again.seconds:.0f} |"
        )


def _csv(work: Path, size: int) -> Path:
    """Return the CSV of that size, made if `csv_scale.py` has not left it there."""
    graph_csv = work / f"csv-{size}"
    if not graph_csv.exists():
        write_facts(work / f"facts-{size}", size)
        measure(["csv", "--facts", str(work / f"facts-{size}"), "--graph-csv", str(graph_csv)])
        shutil.rmtree(work / f"facts-{size}")
    return graph_csv


def _refuse_full(url: str) -> None:
    """End unless the server is empty: what it holds already would not be added, nor measured.

    Raises:
        SystemExit: the server holds something.
    """
    connection = connect(url)
    found = traversal().with_remote(connection).V().limit(1).count().to_list()
    connection.close()
    if found != [0]:
        raise SystemExit(f"{url} is not empty; start it anew for each size")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with room for 1 kB a triple")
    parser.add_argument("--sizes", type=int, nargs="+", default=DEFAULT_SIZES)
    parser.add_argument("--url", default="", help="address of an empty server; one size at a time")
    arguments = parser.parse_args()
    run(arguments.work, arguments.sizes, arguments.url)
