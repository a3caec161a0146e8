"""`evaluate` from the command line: a model over HTTP, the made graph, and figures that can be checked by hand."""

import pytest
from ckgqa_answer.__main__ import entry
from ckgqa_answer.confidence.calibration import (
    Calibration,
    read_calibration,
)

from ckgqa.runtime.artefacts import QUESTIONS
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import Manifest, write_manifest

from ..made import FACTS, record, write_lines
from ..stub_server import serving

# What is asked, its shape, its intent, the names meant by role (text and name where they differ), and what it follows.
ASKED = [
    ("战狼2的导演是谁", "object_asked", "list:导演/@value", {"subject": "战狼2"}, ""),
    ("他的妻子呢", "follow_up", "list:妻子/@value", {"subject": ("他", "吴京")}, "q0"),
    ("她的国籍呢", "follow_up", "list:国籍/@value", {"subject": ("她", "谢楠")}, "q1"),
    ("吴京的作品有哪些是他导演的", "subject_asked", "list:导演/subject", {"@value": "吴京"}, ""),
    ("谁是战狼的主演", "object_asked", "list:主演/@value", {"subject": "战狼"}, ""),
    ("战狼有几位主演", "count", "count:主演/@value", {"subject": "战狼"}, ""),
    ("战狼2的导演是不是郭帆", "yes_no", "yes_no:导演/@value", {"subject": "战狼2", "@value": "郭帆"}, ""),
    ("吴金的妻子是谁", "near_name", "list:妻子/@value", {"subject": ("吴金", "吴京")}, ""),
    ("战狼2的编剧是谁", "unanswerable", "list:编剧/@value", {"subject": "战狼2"}, ""),
    ("今天天气怎么样", "outside", "outside", {}, ""),
    # The model takes this one for something else.
    ("红楼梦谁写的", "object_asked", "list:作者/@value", {"subject": "红楼梦"}, ""),
]


def question(number, text, shape, intent, names, follows):
    mentions = []
    for role, meant in names.items():
        marked, name = meant if isinstance(meant, tuple) else (meant, meant)
        start = text.index(marked)
        mentions.append({"role": role, "start": start, "end": start + len(marked), "name": name})
    made = {"id": f"q{number}", "text": text, "intent": intent, "mentions": mentions, "shape": shape, "wording": "x"}
    return made | ({"follows": follows} if follows else {})


def says(text):
    """Say what the labels say, but for one question."""
    _, _, intent, names, _ = next(asked for asked in ASKED if asked[0] == text)
    marked = {role: meant[0] if isinstance(meant, tuple) else meant for role, meant in names.items()}
    return record(text, "list:导演/@value" if text == "红楼梦谁写的" else intent, marked)


@pytest.fixture
def folders(tmp_path, graph_folder):
    questions, sentences = tmp_path / "questions", tmp_path / "sentences"
    for folder, name, made_by in ((questions, "questions", "preprocess questions"), (sentences, "sentences", "x")):
        folder.mkdir()
        write_manifest(folder, Manifest(f"ckgqa/{name}", 1, "schema", made_by))
    records = [question(number, *asked) for number, asked in enumerate(ASKED)]
    for split in ("validation", "test"):
        write_lines(questions / f"{split}.jsonl", records)
    triples = [
        {"subject": f.subject, "predicate": f.predicate, "object": {"@value": f.value, **f.slots}} for f in FACTS
    ]
    write_lines(sentences / "train.jsonl", [{"id": "1", "text": "", "triples": triples}])
    write_lines(sentences / "validation.jsonl", [])
    return tmp_path, questions, sentences, graph_folder


def run(folders, url, *more):
    work, questions, sentences, graph = folders
    words = ["evaluate", "--questions", questions, "--sentences", sentences, "--graph", graph]
    words += ["--report", work / "report", "--accuracy", work / "accuracy", "--endpoint", url, *more]
    return entry([str(word) for word in words])


def test_the_report_counts_what_is_exactly_right(folders):
    with serving(says) as stub:
        assert run(folders, stub.url) == 0
    work = folders[0]
    report = read_json(work / "report" / "report.json")
    shares = {shape: (row["correct"], row["questions"]) for shape, row in report["per_shape"].items()}
    assert shares == {
        "object_asked": (2, 3), "subject_asked": (1, 1), "follow_up": (2, 2), "count": (1, 1), "yes_no": (1, 1),
        "near_name": (1, 1), "unanswerable": (1, 1), "outside": (1, 1),
    }  # fmt: skip
    assert report["accuracy"] == pytest.approx(10 / 11)
    assert float((work / "accuracy").read_text()) == report["accuracy"]
    assert (report["unanswerable"]["answered"], report["unanswerable"]["questions"]) == (0, 3)
    assert (report["one_hop"]["correct"], report["one_hop"]["questions"]) == (3, 4)
    assert (report["answerable"]["correct"], report["answerable"]["questions"]) == (7, 8)
    (wrong,) = report["wrong"]["object_asked"]
    assert (wrong["text"], wrong["status"], wrong["expected"]) == ("红楼梦谁写的", "unknown", ["曹雪芹", "高鹗"])
    # Keyword and exact name: no pronoun, no slip, no other word for 作者.
    baseline = {shape: row["correct"] for shape, row in report["baseline"]["per_shape"].items()}
    assert baseline == {
        "object_asked": 2, "subject_asked": 1, "follow_up": 0, "count": 1, "yes_no": 1, "near_name": 0,
        "unanswerable": 1, "outside": 1,
    }  # fmt: skip
    assert "| object_asked | 3 | 66.7% |" in (work / "report" / "report.md").read_text()
    page = (work / "report" / "report.html").read_text()
    assert "红楼梦谁写的" in page
    assert read_calibration(work / "report" / "calibration.json").fitted_on == "by hand"  # eleven are too few


def test_each_setting_does_what_it_says(folders, tmp_path):
    work = folders[0]
    calibration = Calibration(bias=-9.0, fitted_on="a test")
    calibration.write(tmp_path / "own.json")
    with serving(says) as stub:
        more = ["--fit", "false", "--calibration", tmp_path / "own.json", "--examples", "0", "--split", "validation"]
        assert run(folders, stub.url, *more, "--max-rows", "1") == 0
        report = read_json(work / "report" / "report.json")
        assert (report["fitted_on"], report["wrong"]["object_asked"], report["split"]) == ("a test", [], "validation")
        assert max(one["high"] for one in report["reliability"]) < 0.5
        assert report["per_shape"]["object_asked"]["correct"] == 1  # two actors in one row do not go
        before = len(stub.requests)
        assert run(folders, stub.url, "--fit", "true") == 0
        assert len(stub.requests) - before > 2 * len(ASKED) - 2  # validation, then test


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda w, q, s, g: (q / "manifest.json").unlink(), "no manifest.json there"),
        (
            lambda w, q, s, g: write_manifest(q, Manifest("ckgqa/questions", 2, "schema", "x")),
            "expected a folder written as ckgqa/questions version 1",
        ),
        (lambda w, q, s, g: write_manifest(q, Manifest(*QUESTIONS, "other", "x")), "different schemas"),
        (lambda w, q, s, g: (q / "test.jsonl").write_text(""), "no question to ask"),
        (lambda w, q, s, g: (q / "test.jsonl").write_text('{"id": "1"}\n'), "line 1: not a labelled question"),
        (
            lambda w, q, s, g: write_lines(q / "test.jsonl", [question(0, *ASKED[0][:4], "nobody")]),
            "follows 'nobody', which is not in this file",
        ),
        (
            lambda w, q, s, g: write_lines(q / "test.jsonl", [question(0, *ASKED[0][:4], "q0")]),
            "'q0' follows itself",
        ),
        (lambda w, q, s, g: (s / "train.jsonl").unlink(), "there is no such file"),
    ],
)
def test_wrong_input_ends_with_exit_code_2_and_no_report(folders, capsys, break_it, message):
    break_it(*folders)
    with serving(says) as stub:
        assert run(folders, stub.url) == 2
    assert message in capsys.readouterr().err
    assert not (folders[0] / "report").exists()


def test_a_dead_model_ends_with_exit_code_75(folders, capsys):
    assert run(folders, "http://127.0.0.1:1", "--fit", "false") == 75
    assert "the model cannot be reached" in capsys.readouterr().err


def test_an_index_that_was_built_before_is_taken(tmp_path, graph_folder, monkeypatch):
    from ckgqa_answer.linking import index as module
    from ckgqa_answer.linking.lexicon import Lexicon

    assert entry(["index", "--graph", str(graph_folder), "--index", str(tmp_path / "linking.db")]) == 0
    monkeypatch.setattr(module, "build_index", None)
    opened = module.Index(graph_folder, tmp_path / "linking.db")
    assert [one.name for one in Lexicon(opened).lookup("战狼２")] == ["战狼2"]
    opened.close()
