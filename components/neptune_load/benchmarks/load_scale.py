"""Time and memory of `load` against the number of triples, into new embedded graphs or an empty Gremlin Server.

python components/neptune_load/benchmarks/load_scale.py --work /tmp/scale --sizes 1000000 2500000 5000000 10000000
python components/neptune_load/benchmarks/load_scale.py --work /tmp/scale --sizes 30000 100000 300000 \
    --url ws://127.0.0.1:8182/gremlin
"""

import argparse
import json
import shutil
from contextlib import closing
from pathlib import Path

import click
from gremlin_python.process.anonymous_traversal import traversal
from measuring import SIZES, Measured, csv_of, measure, work_folder

from ckgqa.graph.connection import connect

HEADER = """\
| triples | vertices | edges | seconds | CPU seconds | peak memory MB | rows/s | again, seconds | again, CPU seconds |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
REMOVED_AT_ONCE = 500  # vertices with their edges, so that no request takes longer than its time limit


def run(work: Path, sizes: list[int], url: str) -> None:
    """Load each size twice and print its row; the second time shows what it costs to change nothing.

    The CSV that `csv_scale.py --keep` has left in `work` is used and stays; all else goes away.
    """
    with work_folder(work, max(sizes)) as folder:
        if url:
            _refuse_full(url)
        click.echo(HEADER)
        for size in sizes:
            kept = work / f"csv-{size}"
            graph_csv = kept if kept.exists() else csv_of(folder, size)[0]
            click.echo(_row(size, *_load_twice(folder, graph_csv, url)))
            if graph_csv != kept:
                shutil.rmtree(graph_csv)
            if url:
                _empty(url)


def _load_twice(folder: Path, graph_csv: Path, url: str) -> tuple[dict[str, int], Measured, Measured]:
    """Load into a new graph and into the same again; give the first load's report and what both took."""
    graph, again = folder / "graph", folder / "again"
    command = ["load", "--graph-csv", str(graph_csv)]
    first = measure([*command, "--graph", str(graph), "--url", url], folder)
    target = url or f"embedded:{graph / 'graph.db'}"
    second = measure([*command, "--graph", str(again), "--url", target], folder)
    report: dict[str, int] = json.loads((graph / "report.json").read_text(encoding="utf-8"))
    shutil.rmtree(graph)
    shutil.rmtree(again)
    return report, first, second


def _row(size: int, report: dict[str, int], first: Measured, second: Measured) -> str:
    vertices, edges = report["added_vertices"], report["added_edges"]
    took = f"{first.seconds:.0f} | {first.cpu_seconds:.0f} | {first.peak_mb:.0f}"
    speed = f"{(vertices + edges) / first.seconds:,.0f}"
    again = f"{second.seconds:.0f} | {second.cpu_seconds:.0f}"
    return f"| {size:,} | {vertices:,} | {edges:,} | {took} | {speed} | {again} |"


def _refuse_full(url: str) -> None:
    """End unless the server is empty: what it holds already would not be added, nor measured.

    Raises:
        SystemExit: the server holds something.
    """
    with closing(connect(url)) as connection:
        found = traversal().with_remote(connection).V().limit(1).count().to_list()
    if found != [0]:
        raise SystemExit(f"{url} is not empty; start it anew")


def _empty(url: str) -> None:
    """Remove from the server what has been loaded."""
    with closing(connect(url)) as connection:
        g = traversal().with_remote(connection)
        while g.V().limit(1).count().to_list() != [0]:
            g.V().limit(REMOVED_AT_ONCE).drop().to_list()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder with room for 1.3 kB a triple")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of triples")
    parser.add_argument("--url", default="", help="address of an empty server, which is emptied after each size")
    arguments = parser.parse_args()
    run(arguments.work, arguments.sizes, arguments.url)
