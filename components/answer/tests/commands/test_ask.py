"""`ask` on the terminal: the words, the JSON, a conversation, and how it fails."""

import json
import os
import subprocess
import sys
import time

import pytest
from ckgqa_answer.__main__ import entry
from ckgqa_answer.commands.ask import format_reply
from ckgqa_answer.commands.settings import AskSettings
from ckgqa_answer.confidence.features import FEATURE_NAMES
from ckgqa_answer.generation.reply import EvidenceSentence, Reply, ReplyFact
from ckgqa_answer.linking.index import Index

from ckgqa.runtime.errors import InputError

from ..made import record, write_graph
from ..stub_server import late, serving, status

QUESTION = "吴京在《战狼》里演谁"
SAYS = {
    QUESTION: record(QUESTION, "list:饰演/@value", {"subject": "吴京", "inWork": "战狼"}),
    "他的妻子呢？": record("他的妻子呢？", "list:妻子/@value", {"subject": "他"}),
    "《战狼2》的编剧是谁": record("《战狼2》的编剧是谁", "list:编剧/@value", {"subject": "战狼2"}),
    "《战狼2》的主演是谁": record("《战狼2》的主演是谁", "list:主演/@value", {"subject": "战狼2"}),
}


@pytest.fixture
def stub():
    with serving(SAYS) as server:
        yield server


@pytest.fixture
def typed(graph_folder, stub, capsys):
    """Type a question; give the exit code and what is printed."""

    def ask(question, *flags):
        given = ["--graph", str(graph_folder), "--endpoint", stub.url, "--question", question, *map(str, flags)]
        code = entry(["ask", *given])
        return code, *capsys.readouterr()

    return ask


def test_an_answer_comes_with_its_facts_and_sentences(typed):
    code, out, _ = typed(QUESTION)
    assert code == 0
    assert out == (
        "吴京在《战狼》中饰演的角色是冷锋。\n"
        "理解为：问的是吴京在《战狼》中饰演的角色\n"
        "置信度：99%\n"
        "- 吴京 饰演 冷锋，inWork：战狼（人工标注）\n"
        "  “吴京在战狼的饰演是冷锋。”\n"
    )


def test_what_is_not_known_is_said(typed):
    code, out, _ = typed("《战狼2》的编剧是谁")
    assert (code, out) == (0, "不知道：图谱里没有《战狼2》的编剧。\n理解为：问的是《战狼2》的编剧\n")
    assert "（模型抽取，得分 0.60）" in typed("《战狼2》的主演是谁")[1]


def test_many_facts_are_counted():
    fact = ReplyFact(
        "战狼", "主演", "吴京", {}, "labelled", 1.0, 1, (EvidenceSentence("train:1", "吴京主演了《战狼》。"),)
    )
    lines = format_reply(Reply("谁", "answered", "吴京。", facts=(fact,) * 7)).splitlines()
    assert sum(line.startswith("- ") for line in lines) == 5
    assert lines[-1] == "……另有 2 条事实"


def test_json_has_the_whole_reply_and_a_conversation_goes_on(typed):
    code, out, _ = typed(QUESTION, "--json", "true")
    reply = json.loads(out)
    assert (code, reply["values"], reply["status"]) == (0, ["冷锋"], "answered")
    code, out, _ = typed("他的妻子呢？", "--context", reply["context"])
    assert (code, out.splitlines()[0]) == (0, "吴京的妻子是谢楠。")


def test_a_conversation_is_kept_in_a_file_and_read_only_where_a_question_follows(typed, stub, tmp_path):
    file = tmp_path / "new" / "conversation"
    keep, follow = ["--conversation", file], ["--conversation", file, "--follow-up", "true"]
    assert typed(QUESTION, *keep)[0] == 0
    assert typed("他的妻子呢？", *follow)[1].startswith("吴京的妻子是谢楠。")
    before = file.read_text()
    # A question that fails, and one that does not follow, leave no trace of what they were not asked about.
    stub.failures = [status(503)] * 3
    assert typed(QUESTION, *keep)[0] == 75
    assert file.read_text() == before
    assert typed("他的妻子呢？", *keep)[1].startswith("不知道“他”指的是谁或什么")
    assert file.read_text() == ""
    assert typed("他的妻子呢？", *follow)[1].startswith("不知道“他”指的是谁或什么")


def test_without_a_conversation_none_can_be_gone_on_with(typed, tmp_path):
    file = tmp_path / "conversation"
    code, out, said = typed("他的妻子呢？", "--conversation", file, "--follow-up", "true")
    assert (code, out) == (2, "")
    assert f"{file}: there is no conversation to go on with yet" in said
    assert not file.exists()
    file.write_bytes(b"\xff")
    assert "the conversation's context is not one that" in typed("谁", "--conversation", file, "--follow-up", "true")[2]
    with pytest.raises(InputError, match="--follow-up True: expected --conversation beside it"):
        AskSettings("graph", "http://model", "谁", follow_up=True)
    with pytest.raises(InputError, match="--follow-up True: expected false beside --context"):
        AskSettings("graph", "http://model", "谁", conversation="x", context="x", follow_up=True)


def test_a_conversation_that_cannot_be_kept_keeps_no_answer_back(typed, tmp_path):
    (tmp_path / "file").write_text("")
    code, out, said = typed(QUESTION, "--conversation", tmp_path / "file" / "conversation")
    assert (code, out.splitlines()[0]) == (0, "吴京在《战狼》中饰演的角色是冷锋。")
    assert "the conversation cannot be stored" in said
    assert "no question can follow this answer" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("question", "flags", "code", "reason"),
    [
        ("", [], 2, "the question is empty"),
        (QUESTION, ["--context", "forged"], 2, "the conversation's context is not one that this service gave"),
        (QUESTION, ["--calibration", "/nowhere.json"], 2, "/nowhere.json: there is no such file"),
        (QUESTION, ["--graph-url", "/nowhere.db"], 2, "/nowhere.db"),
        (QUESTION, ["--index", "/proc/no/linking.db"], 75, "no index of"),
        (QUESTION, ["--endpoint", "http://127.0.0.1:1"], 75, "the model cannot be reached"),
    ],
)
def test_what_is_wrong_is_said(typed, question, flags, code, reason):
    found, out, said = typed(question, *flags)
    assert (found, out) == (code, "")
    assert reason in said
    assert "Traceback" not in said


def test_the_index_the_calibration_and_the_graphs_address_are_those_that_are_given(typed, graph_folder, tmp_path):
    Index(graph_folder, tmp_path / "linking.db").close()
    calibration = {
        "format": "ckgqa/calibration",
        "version": 3,
        "bias": 0.0,
        "curve": [],
        "fact_curve": [],
        "unsure_below": 0.0,
        "fitted_on": "a test",
    }
    (tmp_path / "c.json").write_text(json.dumps({**calibration, "weights": dict.fromkeys(FEATURE_NAMES, 0.0)}))
    (tmp_path / "linking.db").chmod(0o444)
    flags = ["--index", tmp_path / "linking.db", "--calibration", tmp_path / "c.json"]
    assert "置信度：50%" in typed(QUESTION, *flags)[1]
    empty = write_graph(tmp_path / "empty", facts=[])
    assert typed(QUESTION, "--graph-url", empty / "graph.db")[1].startswith("不知道")


def test_a_late_model_is_not_waited_for_longer_than_is_set(typed, stub):
    stub.failures = [late(1.0)] * 3
    started = time.monotonic()
    assert typed(QUESTION, "--model-timeout-s", "0.1")[0] == 75
    assert time.monotonic() - started < 2
    with pytest.raises(InputError, match="--model-timeout-s 0: expected a number above 0"):
        AskSettings("graph", "http://model", "谁", model_timeout_s=0)


def test_neither_what_serves_nor_what_evaluates_is_imported(graph_folder, stub):
    code = (
        "import sys\n"
        "from ckgqa_answer.__main__ import entry\n"
        "code = entry(sys.argv[1:])\n"
        "slow = {'fastapi', 'pydantic', 'uvicorn', 'boto3', 'numpy', 'prometheus_client'} & set(sys.modules)\n"
        "sys.exit(str(slow) if slow else code)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    given = ["ask", "--graph", str(graph_folder), "--endpoint", stub.url, "--question", QUESTION]
    done = subprocess.run([sys.executable, "-c", code, *given], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().startswith("吴京在《战狼》中饰演的角色是冷锋。")
