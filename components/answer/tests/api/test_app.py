"""Every route of the API over HTTP, in this process."""

import json
import re
import threading
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from ckgqa_answer.api import examples, schemas
from ckgqa_answer.api.static_files import PageFiles
from ckgqa_answer.question_model.prediction import read_predictions
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import facts_of, neighbourhood
from pydantic import TypeAdapter

from ckgqa.graph.ids import entity_id, fact_id
from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.intents import Intent

from ..http import Site, made_app
from ..made import Said, record, write_graph

QUESTION = "《战狼2》是谁导演的？"
MEANS = ("list:导演/@value", {"subject": "战狼2"})
CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@pytest.fixture
def site(application, graph_folder, tmp_path):
    return Site(made_app(application, graph_folder, tmp_path))


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_question_is_answered_as_the_contract_says(site, model):
    model.tell(QUESTION, *MEANS)
    reply = site.ask(QUESTION)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    said = TypeAdapter(schemas.AskReply).validate_python(reply.json())
    assert (said.status, said.answer, said.values) == ("answered", "《战狼2》的导演是吴京。", ("吴京",))
    assert said.facts[0].evidence[0].text == "战狼2的导演是吴京。"
    assert [(edge.start, edge.label, edge.end) for edge in said.path.edges] == [
        (entity_id("战狼2"), "导演", entity_id("吴京"))
    ]
    assert said.request_id == reply.headers["x-request-id"]
    assert len(said.receipt) <= schemas.MAX_RECEIPT_CHARS


def test_a_conversation_goes_on_with_its_context(site, model):
    model.tell(QUESTION, *MEANS)
    model.tell("他的妻子呢？", "list:妻子/@value", {"subject": "他"})
    context = site.ask(QUESTION).json()["context"]
    assert site.ask("他的妻子呢？", context=context).json()["values"] == ["谢楠"]
    assert site.ask("他的妻子呢？", context=None).json()["status"] == "unclear"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_Z", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("é", False), ("", False)],
)
def test_a_request_has_the_clients_id_where_that_is_a_plain_one(site, given, kept):
    headers = {"X-Request-Id": given.encode()}
    ids = [site.get(path, headers=headers).headers["x-request-id"] for path in ("/ping", "/nothing")]
    assert (ids == [given] * 2) is kept
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,64}", one) for one in ids)
    assert site.get("/nothing", headers=headers).json().keys() == {"error", "request_id"}


def test_every_reply_has_the_headers_that_keep_a_browser_safe(site):
    for path in ("/ping", "/", "/api/info", "/nothing", "/metrics"):
        headers = site.get(path).headers
        assert headers["content-security-policy"] == CSP
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


# Verdicts


def test_a_verdict_is_kept_with_its_answer(site, model, tmp_path):
    model.tell(QUESTION, *MEANS)
    answer = site.ask(QUESTION).json()
    feedback = {"receipt": answer["receipt"], "verdict": "down", "comment": "不对：“他”不是\n导演"}
    reply = site.send("POST", "/api/feedback", json=feedback)
    assert (reply.status_code, reply.json()) == (200, {"request_id": answer["request_id"]})
    (kept,) = lines(tmp_path / "feedback.jsonl")
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", kept.pop("time"))
    assert kept == {
        "request_id": answer["request_id"], "verdict": "down", "comment": "不对：“他”不是\n导演",
        "question": QUESTION, "status": "answered", "answer": "《战狼2》的导演是吴京。",
    }  # fmt: skip
    assert reply.headers["x-request-id"] != answer["request_id"]


def test_a_forged_receipt_is_refused_and_nothing_is_kept(site, model, tmp_path):
    model.tell(QUESTION, *MEANS)
    answer = site.ask(QUESTION).json()
    body, _, signature = answer["receipt"].partition(".")
    # A context is signed too, but for another purpose.
    for receipt in ("x", "吴京", "", f"{body[:-4]}AAAA.{signature}", f"{body}.{'0' * 32}", body, answer["context"]):
        reply = site.send("POST", "/api/feedback", json={"receipt": receipt, "verdict": "up"})
        assert (reply.status_code, reply.json()["error"][:44]) == (
            400,
            "the receipt is not one that this service gave"[:44],
        )
    assert not (tmp_path / "feedback.jsonl").exists()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"verdict": "maybe"}, "verdict: Input should be 'up' or 'down'"),
        ({"comment": "x" * 1001}, "comment: String should have at most 1000 characters"),
        ({"receipt": "x" * 4001}, "receipt: String should have at most 4000 characters"),
        (
            {"comment": "\ud83d"},
            "comment: Input should be a valid string, unable to parse raw data as a unicode string",
        ),
        ({"stars": 5}, "stars: Extra inputs are not permitted"),
    ],
)
def test_a_verdict_that_is_none_is_refused(site, wrong, reason):
    body = json.dumps({"receipt": "x", "verdict": "up", **wrong})
    reply = site.send("POST", "/api/feedback", content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["error"]) == (400, reason)


# What could not be answered


def test_what_could_not_be_answered_is_kept_with_what_was_understood(site, model, tmp_path):
    model.tell(QUESTION, *MEANS)
    model.tell("《战狼2》的编剧是谁", "list:编剧/@value", {"subject": "战狼2"})
    model.tell("今天天气怎么样", "outside")
    asked = [QUESTION, "《战狼2》的编剧是谁", "今天天气怎么样", "😀"]
    ids = [site.ask(question).json()["request_id"] for question in asked]
    assert site.ask("").status_code == 400
    kept = lines(tmp_path / "unanswered.jsonl")
    assert [(one["request_id"], one["question"], one["status"]) for one in kept] == [
        (ids[1], "《战狼2》的编剧是谁", "unknown"), (ids[2], "今天天气怎么样", "outside"), (ids[3], "😀", "unclear"),
    ]  # fmt: skip
    assert kept[0]["understood"]["intent"] == "list:编剧/@value"
    assert kept[0]["understood"]["mentions"][0]["name"] == "战狼2"


def test_without_a_folder_these_lines_go_to_the_log(application, graph_folder, caplog):
    site = Site(made_app(application, graph_folder, logs=None))
    with caplog.at_level("INFO", logger="ckgqa_answer.api.event_log"):
        site.ask("😀", context=None)
    (line,) = [one for one in caplog.messages if one.startswith("unanswered ")]
    assert json.loads(line.removeprefix("unanswered "))["question"] == "😀"


# The graph


def test_the_neighbourhood_of_a_name(site):
    reply = site.get("/api/neighbourhood", params={"id": entity_id("攀登者")})
    found = TypeAdapter(schemas.NeighbourhoodReply).validate_python(reply.json())
    assert {vertex.name for vertex in found.vertices} == {"攀登者", "李仁港", "吴京"}
    assert {(edge.label, edge.end) for edge in found.edges} == {
        ("导演", entity_id("李仁港")), ("主演", entity_id("吴京")),
    }  # fmt: skip
    assert not found.more


def test_the_neighbourhood_of_a_fact_and_of_much(site):
    fact = fact_id("吴京", "饰演", {VALUE: "冷锋", "inWork": "战狼"})
    found = site.get("/api/neighbourhood", params={"id": fact}).json()
    assert {"id": fact, "name": "饰演", "types": ["fact"]} in found["vertices"]
    assert {edge["label"] for edge in found["edges"]} == {"subject", "@value", "inWork"}
    some = site.get("/api/neighbourhood", params={"id": entity_id("吴京"), "limit": 2}).json()
    assert (len(some["edges"]), some["more"]) == (2, True)
    assert {vertex["id"] for vertex in some["vertices"]} == {e[end] for e in some["edges"] for end in ("from", "to")}


def test_a_name_without_types_is_no_fact(tmp_path):
    folder = write_graph(tmp_path / "graph", [Said("无名电影", "导演", "吴京")])
    graph = GraphClient(str(folder / "graph.db"))
    vertices, _ = neighbourhood(graph, entity_id("无名电影"), 5)
    graph.close()
    assert {vertex.name: vertex.types for vertex in vertices} == {"无名电影": (), "吴京": ("人物", "娱乐人物")}


def test_a_vertex_without_edges_is_still_there(graph, monkeypatch):
    assert neighbourhood(graph, "nobody", 5) == ([], [])


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("id=nobody", 404, "the graph has no vertex of this id"),
        ("id=<script>", 404, "the graph has no vertex of this id"),
        ("id=", 400, "id: String should have at least 1 character"),
        ("", 400, "id: Field required"),
        ("id=x&limit=0", 400, "limit: Input should be greater than or equal to 1"),
        ("id=x&limit=101", 400, "limit: Input should be less than or equal to 100"),
        ("id=x&limit=many", 400, "limit: Input should be a valid integer, unable to parse string as an integer"),
    ],
)
def test_a_neighbourhood_that_is_none(site, query, status, reason):
    reply = site.get(f"/api/neighbourhood?{query}")
    assert (reply.status_code, reply.json()["error"]) == (status, reason)


# Examples: the model of these tests reads them by the words that they are made of.


class Understanding:
    """A model that reads the examples as they are meant: a predicate's name, and the names of the graph."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def predict(self, questions):
        self.asked += questions
        return read_predictions({"predictions": [self.read(one) for one in questions]}, questions, "a test")

    def read(self, question: str) -> dict[str, object]:
        for pattern, label, roles in self.patterns():
            if found := re.fullmatch(pattern, question):
                return record(question, label, {role: found[at] for at, role in enumerate(roles, start=1)})
        return record(question, "outside")

    def patterns(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield r"《?(.+?)》?的导演是《?(.+?)》?吗？", "yes_no:导演/@value", ("subject", "@value")
        yield r"《?(.+?)》?的导演的妻子是谁？", "list:导演/@value>妻子/@value", ("subject",)
        yield r"《?(.+?)》?的(?:导演)是谁？", "list:导演/@value", ("subject",)
        yield r"(.+)写的作品有几[部本]？", "count:作者/subject", ("@value",)
        yield r"谁的妻子是(.+)？", "list:妻子/subject", ("@value",)
        yield r"(.+)在《(.+)》中饰演的角色是谁？", "list:饰演/@value", ("subject", "inWork")


@pytest.fixture
def understood(application):
    application.model = Understanding()
    return application


def test_examples_are_of_different_kinds_and_answered(understood, graph_folder, tmp_path):
    site = Site(made_app(understood, graph_folder, tmp_path))
    questions = site.get("/api/examples", params={"count": 20}).json()["questions"]
    kinds = {Intent.parse(understood.model.read(one)["predicted_label"]).kind for one in questions}
    assert kinds == {"list", "count", "yes_no"}
    assert any(">" in understood.model.read(one)["predicted_label"] for one in questions)
    assert any("饰演" in one for one in questions)
    assert len(set(questions)) == len(questions)
    assert all(site.ask(one).json()["status"] == "answered" for one in questions)
    assert len(site.get("/api/examples").json()["questions"]) == 6


def test_examples_are_made_once_for_a_graph(understood, graph_folder, tmp_path, monkeypatch):
    site = Site(made_app(understood, graph_folder, tmp_path))
    first = site.get("/api/examples").json()
    asked = len(understood.model.asked)
    assert site.get("/api/examples").json() == first
    assert len(understood.model.asked) == asked
    # The graph is loaded again.
    monkeypatch.setattr(type(understood.lexicon), "version", "another")
    assert site.get("/api/examples?count=1").status_code == 200
    assert len(understood.model.asked) > asked


def test_examples_that_are_never_answered_are_given_up_and_gone_on_with_later(understood, graph_folder, tmp_path):
    understood.model.read = lambda question: record(question, "outside")
    site = Site(made_app(understood, graph_folder, tmp_path))
    seen = []
    for _ in range(20):
        assert site.get("/api/examples?count=20").json() == {"questions": []}
        seen.append(len(understood.model.asked))
        understood.model.asked.clear()
    assert seen[0] == examples.MAX_ATTEMPTS
    assert max(seen) <= examples.MAX_ATTEMPTS
    assert seen[-1] == 0


def test_who_asks_while_examples_are_made_gets_those_that_are_there(understood):
    making, go_on = threading.Event(), threading.Event()
    given = examples.Examples(understood)
    assert len(given.first(2)) == 2
    real = understood.model.predict

    def wait(asked):
        making.set()
        go_on.wait(20)
        return real(asked)

    understood.model.predict = wait
    first = threading.Thread(target=given.first, args=(4,))
    first.start()
    assert making.wait(20)
    second: list[list[str]] = []
    other = threading.Thread(target=lambda: second.append(given.first(4)))
    other.start()
    other.join(10)
    go_on.set()
    first.join(20)
    assert len(second[0]) == 2
    assert len(given.first(4)) == 4


@pytest.mark.parametrize("count", ["0", "21", "x"])
def test_examples_are_a_few(site, count):
    assert site.get(f"/api/examples?count={count}").status_code == 400


def test_of_no_names_there_are_no_facts(graph):
    assert facts_of(graph, [], 2) == []


def test_info_says_what_answers(site):
    said = TypeAdapter(schemas.InfoReply).validate_python(site.get("/api/info").json())
    assert (said.model, said.version) == ("http://model", version("ckgqa"))
    # The graph's report is not there.
    assert (said.graph.vertices, said.graph.edges) == (None, None)


def test_info_says_how_much_is_in_the_graph(application, tmp_path):
    (tmp_path / "report.json").write_text('{"vertices": 7, "edges": 6, "added_edges": 2}')
    site = Site(made_app(application, tmp_path, tmp_path))
    assert site.get("/api/info").json()["graph"] == {"vertices": 7, "edges": 6}
    (tmp_path / "report.json").write_text("{")
    assert site.get("/api/info").json()["down"] == ["graph"]


# Watching


def test_ping_and_ready(site, model):
    assert (site.get("/ping").status_code, site.get("/ping").json()) == (200, {"status": "ok"})
    model.tell("谁", "outside")
    assert site.get("/ready").json() == {"status": "ok"}


def test_metrics_count_requests_answers_and_verdicts(site, model):
    model.tell(QUESTION, *MEANS)
    receipt = site.ask(QUESTION).json()["receipt"]
    site.ask("😀")
    site.ask("")
    site.send("POST", "/api/feedback", json={"receipt": receipt, "verdict": "up"})
    for path in ("/made/up/1", "/made/up/2", "/page/nothing.js"):
        site.get(path)
    reply = site.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    counts = dict(line.rsplit(" ", 1) for line in reply.text.splitlines() if not line.startswith("#"))
    assert counts['ckgqa_http_requests_total{route="/api/ask",status="200"}'] == "2.0"
    assert counts['ckgqa_http_requests_total{route="/api/ask",status="400"}'] == "1.0"
    assert counts['ckgqa_http_requests_total{route="other",status="404"}'] == "2.0"
    assert counts['ckgqa_http_requests_total{route="/page/{name:path}",status="404"}'] == "1.0"
    assert counts['ckgqa_http_request_seconds_count{route="/api/ask"}'] == "3.0"
    assert counts['ckgqa_answers_total{status="answered"}'] == counts['ckgqa_answers_total{status="unclear"}'] == "1.0"
    assert counts['ckgqa_feedback_total{verdict="up"}'] == "1.0"
    assert counts["ckgqa_requests_under_way"] == "0.0"


# The page


@pytest.fixture
def page_site(application, graph_folder, tmp_path):
    folder = tmp_path / "page"
    (folder / "vendor").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>问</title>", encoding="utf-8")
    (folder / "app.js").write_text("export {};")
    (folder / "vendor" / "style.css").write_text("body {}")
    (tmp_path / "secret.txt").write_text("x")
    return Site(made_app(application, graph_folder, tmp_path, page=PageFiles(folder)))


def test_the_pages_files_are_served(page_site):
    index = page_site.get("/")
    assert (index.status_code, index.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "问" in index.text
    assert page_site.get("/page/app.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert page_site.get("/page/vendor/style.css").text == "body {}"
    # A browser that has the file gets it once.
    tag = index.headers["etag"]
    again = page_site.get("/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    "path", ["/page/", "/page/nothing.js", "/page/../secret.txt", "/page/%2e%2e/secret.txt", "/page/..%2fsecret.txt"]
)
def test_nothing_but_the_pages_files_is_served(page_site, path):
    reply = page_site.get(path)
    assert reply.status_code == 404
    assert reply.json()["error"].startswith("there is nothing at /")


def test_without_a_page_the_api_answers_all_the_same(application, graph_folder, tmp_path):
    site = Site(made_app(application, graph_folder, tmp_path, page=PageFiles(tmp_path / "none")))
    assert site.get("/").status_code == 404
    assert site.get("/ping").status_code == 200


# The OpenAPI document


def test_the_openapi_document_names_every_route_and_its_schemas(site):
    document = site.get("/openapi.json").json()
    assert document["paths"].keys() == {
        "/api/ask", "/api/feedback", "/api/neighbourhood", "/api/examples", "/api/info", "/ping", "/ready", "/metrics",
    }  # fmt: skip
    for path, model in {
        "/api/ask": "AskReply", "/api/feedback": "FeedbackReply", "/api/neighbourhood": "NeighbourhoodReply",
        "/api/examples": "ExamplesReply", "/api/info": "InfoReply", "/ping": "StateReply", "/ready": "ReadyReply",
    }.items():  # fmt: skip
        (one,) = document["paths"][path].values()
        media = one["responses"]["200"]["content"]["application/json"]
        assert media["schema"] == {"$ref": f"#/components/schemas/{model}"}
        error = one["responses"]["5XX"]["content"]["application/json"]["schema"]
        assert error == {"$ref": "#/components/schemas/ErrorReply"}
        # What FastAPI says by itself: this service answers such requests with 400.
        assert "422" not in one["responses"]
    schemas_ = document["components"]["schemas"]
    assert schemas_["AskRequest"]["required"] == ["question"]
    assert schemas_["PathEdge"]["properties"].keys() == {"id", "from", "to", "label"}
    reply = schemas_["AskReply"]
    assert set(reply["required"]) == reply["properties"].keys()
    assert reply["properties"]["answer"]["description"] == "The wording of the answer, in Chinese."
    assert schemas_["ReplyFact"]["properties"]["source"]["enum"] == ["labelled", "extracted"]
    assert site.get("/docs").status_code == site.get("/redoc").status_code == 404
