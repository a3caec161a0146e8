import pytest
from localaws.jobs.logs import MAX_LINE, MetricReader, split_lines


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a", b"b\n", b"c"], ["ab", "c"]),
        ([b"a\r\n\nb"], ["a", " ", "b"]),  # CloudWatch takes no empty message
        ([b"\xe4\xb8", b"\xad\n"], ["中"]),
        ([b"\xff\n"], ["\N{REPLACEMENT CHARACTER}"]),
        ([], []),
    ],
)
def test_chunks_become_lines(chunks, lines):
    assert list(split_lines(chunks)) == lines


def test_a_long_line_is_cut():
    cut = list(split_lines([b"x" * (2 * MAX_LINE + 5), b"\nend\n"]))
    assert [len(line) for line in cut] == [MAX_LINE, MAX_LINE, 5, 3]


def test_metrics_are_read_by_their_expressions():
    reader = MetricReader([{"Name": "loss", "Regex": "loss=([0-9.e-]+)"}, {"Name": "epoch", "Regex": "epoch (x)"}])
    for line in ("loss=0.5", "nothing", "loss=2e-3 more", "epoch x", "loss=...", "loss=1e999"):
        reader.read(line)
    assert [(name, value) for name, value, _ in reader.take_new()] == [("loss", 0.5), ("loss", 0.002)]
    assert reader.take_new() == []
    assert {name: value for name, (value, _) in reader.last.items()} == {"loss": 0.002}


def test_an_expression_that_takes_for_ever_matches_nothing():
    reader = MetricReader([{"Name": "slow", "Regex": "(a|aa)+$"}])
    reader.read("a" * 60 + "b")
    assert reader.last == {}
