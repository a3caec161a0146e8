"""The real application on a free port, over a made graph and a stub model; and Debian's Chromium to look at it with."""

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from ckgqa_answer.commands.serve import make_app
from ckgqa_answer.commands.settings import ServeSettings
from playwright.sync_api import Browser, sync_playwright

from components.answer.tests.made import FACTS, Said, record, vertices_and_edges, write_graph
from components.answer.tests.stub_server import StubServer, serving

SCRIPT = "<script>document.title='hacked'</script>"
"""The name of a film, as far as the graph knows."""
DIRECTOR, WIFE, ROLE = "《战狼2》是谁导演的？", "他的妻子呢？", "吴京在《流浪地球》里演谁？"
SCRIPTS = "李四光编剧的作品有哪些？"
FILMS, COUNT, SURE = "吴京导演过哪些电影？", "吴京导演了几部电影？", "《战狼2》是不是吴京导演的？"
NEAR, STRANGE, NONSENSE = "战郎2的导演是谁？", f"{SCRIPT}的导演是谁？", "明天会下雨吗？"
FIRST, WITHOUT = "吴京的第一部电影是什么？", "哪些电影不是吴京导演的？"
SEQUEL = "《流浪地球2》是谁导演的？"
MISSING, SMILING = "《唐人街探案》的导演是谁？", f"😀{DIRECTOR}"
MEANINGS: Mapping[str, Mapping[str, object]] = {
    DIRECTOR: record(DIRECTOR, "list:导演/@value", {"subject": "战狼2"}),
    SMILING: record(SMILING, "list:导演/@value", {"subject": "战狼2"}),
    WIFE: record(WIFE, "list:妻子/@value", {"subject": "他"}),
    ROLE: record(ROLE, "list:饰演/@value", {"subject": "吴京", "inWork": "流浪地球"}),
    FILMS: record(FILMS, "list:导演/subject", {"@value": "吴京"}),
    COUNT: record(COUNT, "count:导演/subject", {"@value": "吴京"}),
    SURE: record(SURE, "yes_no:导演/@value", {"subject": "战狼2", "@value": "吴京"}),
    NEAR: record(NEAR, "list:导演/@value", {"subject": "战郎2"}),
    FIRST: record(FIRST, "list:导演/subject", {"@value": "吴京"}),
    WITHOUT: record(WITHOUT, "list:导演/subject", {"@value": "吴京"}),
    SEQUEL: record(SEQUEL, "list:导演/@value", {"subject": "流浪地球2"}),
    "《流浪地球》是谁导演的？": record("《流浪地球》是谁导演的？", "list:导演/@value", {"subject": "流浪地球"}),
    STRANGE: record(STRANGE, "list:导演/@value", {"subject": SCRIPT}),
    MISSING: record(MISSING, "list:导演/@value", {"subject": "唐人街探案"}),
}
ROLES = {"subject": "subject", "value": "@value"}
SUBJECT, VALUE, P = "《?(?P<subject>[^《》的]+)》?", "《?(?P<value>[^《》]+)》?", "(?P<p>[^的]+)"
WORDINGS = {
    f"{SUBJECT}的{P}的(?P<q>[^的]+)是谁？": "list:{p}/@value>{q}/@value",
    f"{SUBJECT}的{P}是(谁|什么)？": "list:{p}/@value",
    f"{SUBJECT}的{P}是{VALUE}吗？": "yes_no:{p}/@value",
    f"{VALUE}(?P<p>导演|主演|编剧)的作品有哪些？": "list:{p}/subject",
    f"{VALUE}(?P<p>导演|主演)的作品有几部？": "count:{p}/subject",
}
"""How the examples are worded that the application makes itself."""
TOLD = (*FACTS, Said(SCRIPT, "导演", "吴京"), *(Said(f"电影{number}号", "编剧", "李四光") for number in range(40)))
START_S = 20


def meaning(question: str) -> Mapping[str, object]:
    """Say what a question means; one that nobody thought of is outside the schema."""
    if question in MEANINGS:
        return MEANINGS[question]
    for wording, label in WORDINGS.items():
        if found := re.fullmatch(wording, question):
            parts = found.groupdict()
            slots = {ROLES[name]: text for name, text in parts.items() if name in ROLES}
            return record(question, label.format(**parts), slots)
    return record(question, "outside")


@dataclass
class Site:
    """A running application."""

    url: str
    model: StubServer
    graph_db: Path
    log: Path

    @contextmanager
    def without_graph(self) -> Iterator[None]:
        """Take the graph's file away while the block runs."""
        aside = self.graph_db.with_suffix(".aside")
        self.graph_db.rename(aside)
        try:
            yield
        finally:
            aside.rename(self.graph_db)


@contextmanager
def running(folder: Path, facts: Sequence[Said] = TOLD) -> Iterator[Site]:
    """Serve the application in a thread while the block runs; `folder` receives a graph of the facts."""
    graph = write_graph(folder / "graph", facts)
    vertices, edges = vertices_and_edges(facts)
    size = {"vertices": len(vertices), "edges": len(edges)}
    (graph / "report.json").write_text(json.dumps(size), encoding="utf-8")
    with serving(meaning) as model:
        log = folder / "log"
        settings = ServeSettings(graph, model.url, index=str(folder / "linking.db"), log_dir=str(log))
        app = make_app(settings)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield Site(_address(server), model, graph / "graph.db", log)
        finally:
            server.should_exit = True
            thread.join()


def _address(server: uvicorn.Server) -> str:
    deadline = time.monotonic() + START_S
    while not server.started:
        assert time.monotonic() < deadline, f"the application did not start within {START_S} s"
        time.sleep(0.02)
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window."""
    found = shutil.which("chromium")
    assert found, "there is no Chromium: on Debian, apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()
