"""What is read is what was written, whatever stands in a name or a type."""

import pytest
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.database import temporary_database
from ckgqa_neptune_load.graph_csv.check import RowCounts, check_csv
from ckgqa_neptune_load.graph_csv.reader import read_edges, read_vertices
from ckgqa_neptune_load.settings import CsvSettings

from ckgqa.graph.ids import edge_id, entity_id, fact_id

from .artefacts import sentence, triple, write_facts

AWKWARD = [
    "a,b", 'a"b', 'a""b', "x\ny", "x\r\ny", "x\ry", ";", "\\;", "\\", "a\\", "空 空", "🎬", "'", "~id", "NULL", "#",
]  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names_and_types_come_back_as_they_were(tmp_path, name):
    # A type that ends in a backslash cannot be told from an escaped separator: Neptune's format has no way to write it.
    kind = name.rstrip("\\") or "T"
    found = triple(name, "p", "v", (kind, "甲;乙"), 0.25, inWork=("w", "W"))
    facts = write_facts(
        tmp_path / "f", [sentence("s:1", [found]), sentence("s:2", [triple(name, "p", "v", ("Z", "甲;乙"), 0.5)])]
    )
    make_csv(CsvSettings(tmp_path / "out", facts=facts))
    vertices = {vertex.id: vertex for vertex in read_vertices(tmp_path / "out")}
    assert vertices[entity_id(name)].name == name
    assert set(vertices[entity_id(name)].types) == {kind, "Z"}
    assert vertices[entity_id("v")].types == ("甲;乙",)
    fact = vertices[fact_id(name, "p", {"@value": "v", "inWork": "w"})]
    assert (fact.label, fact.name, fact.types, fact.predicate) == ("fact", None, (), "p")
    edges = {edge.id: edge for edge in read_edges(tmp_path / "out")}
    edge = edges[edge_id(name, "p", "v")]
    assert (edge.score, edge.sentence_count, edge.evidence, edge.source) == (0.5, 2, "s:2 s:1", "extracted")
    with temporary_database(tmp_path, 100, 1) as database:
        assert check_csv(database, tmp_path / "out") == RowCounts(len(vertices), len(edges)) == RowCounts(4, 4)
