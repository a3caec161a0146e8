"""Artefacts small enough to check by hand."""

import logging

import pytest

from .artefacts import sentence, triple, write_facts, write_sentences


@pytest.fixture(autouse=True)
def _own_log():
    """Take the program's log handler away again: it writes to a standard error that ends with the test."""
    yield
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if type(handler) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture
def sentences(tmp_path):
    """Two labelled training sentences, one of validation, two of test."""
    role = triple("吴京", "饰演", "冷锋", ("娱乐人物", "人物"), inWork=("战狼", "影视作品"))
    film = ("影视作品", "人物")
    return write_sentences(
        tmp_path / "sentences",
        train=[
            sentence("train:1", [role, triple("战狼", "导演", "吴京", film)]),
            sentence("train:2", [triple("战狼", "导演", "吴京", film)]),
        ],
        validation=[sentence("train:3", [triple("清华大学", "简称", "清华", ("机构", "Text"))])],
        test=[
            sentence("test:1", [triple("鲁迅", "父亲", "周伯宜"), triple("鲁迅", "国籍", "中国", ("人物", "国家"))]),
            sentence("test:2", [triple("红楼梦", "作者", "曹雪芹", ("图书作品", "人物"))]),
        ],
    )


@pytest.fixture
def facts(tmp_path):
    """Extracted: a labelled fact again in its own sentence and in another, test texts right and wrong, new ones."""
    film = ("影视作品", "人物")
    return write_facts(
        tmp_path / "facts",
        [
            sentence("train:2", [triple("战狼", "导演", "吴京", film, 0.7)]),
            sentence("extra:1", [triple("战狼", "导演", "吴京", film, 0.9)]),
            sentence(
                "test:1", [triple("鲁迅", "父亲", "周伯宜", score=0.8), triple("鲁迅", "母亲", "周伯宜", score=0.6)]
            ),
            sentence("test:2", []),
            sentence("extra:2", [triple('a,"b"\n;c', "作者", "吴京", ("图书;作品", "人物"), 0.5)]),
        ],
    )
