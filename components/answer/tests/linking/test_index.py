"""The index of names and texts: where it is kept, and that it follows the graph."""

import json
import os
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from ckgqa_answer.linking import build_index as index_build
from ckgqa_answer.linking import index as module
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore

from ckgqa.runtime.errors import InputError, ServiceError

from ..made import FACTS, Said, write_lines, write_names


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "graph"
    made.mkdir()
    write_names(made)
    return made


def test_names_and_texts_are_found(folder):
    index = Index(folder)
    (known,) = Lexicon(index).lookup("战狼２")
    assert (known.name, known.types, known.form) == ("战狼2", ("影视作品",), index_build.OWN)
    assert [one.name for one in Lexicon(index).lookup("清华")] == ["清华", "清华大学"]
    assert SentenceStore(index).get_many(["train:2", "train:1", "nobody:1"]) == {
        "train:1": "战狼的导演是吴京。",
        "train:2": "战狼2的导演是吴京。",
    }
    assert SentenceStore(index).get_many([]) == {}
    index.close()


def test_it_is_built_once_and_followed_when_the_graph_is_loaded_again(folder, monkeypatch):
    built = []
    real = module.build_index
    monkeypatch.setattr(module, "build_index", lambda *places: (built.append(places), real(*places)))
    first = Index(folder)
    second = Index(folder)
    assert len(built) == 1
    assert Lexicon(first).lookup("三体") == ()
    write_names(folder, [*FACTS, Said("三体", "作者", "刘慈欣")])
    assert [one.name for one in Lexicon(first).lookup("三体")] == ["三体"]
    assert [one.name for one in Lexicon(second).lookup("三体")] == ["三体"]
    assert len(built) == 2
    first.close()
    second.close()


def test_a_graph_that_is_being_replaced_is_answered_from_as_it_was(folder):
    index = Index(folder)
    (folder / "names.jsonl").rename(folder / "gone.jsonl")
    assert [one.name for one in Lexicon(index).lookup("战狼")] == ["战狼"]
    index.close()


@pytest.fixture
def attempts(monkeypatch):
    """The attempts to build an index."""
    made = []
    real = module.build_index
    monkeypatch.setattr(module, "build_index", lambda *paths: (made.append(paths), real(*paths)))
    return made


def test_broken_names_are_tried_once_a_version_logged_and_counted(folder, attempts, caplog):
    index = Index(folder)
    lexicon = Lexicon(index)
    whole = (folder / "names.jsonl").read_text(encoding="utf-8")
    (folder / "names.jsonl").write_text(whole + "{\n", encoding="utf-8")
    for _ in range(3):
        assert [each.name for each in lexicon.lookup("战狼")] == ["战狼"]
    assert (len(attempts), index.reload_failures, lexicon.is_stale) == (2, 1, True)
    (line,) = [each for each in caplog.messages if "cannot be reloaded" in each]
    assert "names.jsonl line" in line
    # Another broken version is another failure; a good one ends it.
    (folder / "names.jsonl").write_text(whole + "{{\n", encoding="utf-8")
    assert lexicon.lookup("战狼")
    assert (len(attempts), index.reload_failures) == (3, 2)
    write_names(folder, [*FACTS, Said("三体", "作者", "刘慈欣")])
    assert [each.name for each in lexicon.lookup("三体")] == ["三体"]
    assert (index.reload_failures, lexicon.is_stale) == (2, False)
    index.close()


def test_a_full_disk_is_tried_again_after_a_while(folder, tmp_path, monkeypatch, caplog):
    index = Index(folder, tmp_path / "linking.db")
    lexicon = Lexicon(index)
    write_names(folder, [*FACTS, Said("三体", "作者", "刘慈欣")])
    with monkeypatch.context() as patch:
        patch.setattr(index_build, "PRAGMAS", (*index_build.PRAGMAS, "max_page_count = 4"))
        for _ in range(3):
            assert [each.name for each in lexicon.lookup("战狼")] == ["战狼"]
    assert (index.reload_failures, lexicon.is_stale) == (1, True)
    assert "disk is full" in caplog.text
    assert lexicon.lookup("三体") == ()
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    index._retry_at = 0.0
    assert [each.name for each in lexicon.lookup("三体")] == ["三体"]
    assert not lexicon.is_stale
    index.close()


def test_facts_lose_their_sentences_while_the_file_is_away(folder):
    index = Index(folder)
    (folder / "texts.jsonl").rename(folder / "gone.jsonl")
    assert SentenceStore(index).get_many(["train:1"]) == {}
    (folder / "gone.jsonl").rename(folder / "texts.jsonl")
    assert SentenceStore(index).get_many(["train:1"]) == {"train:1": "战狼的导演是吴京。"}
    index.close()


def test_an_index_of_another_version_or_a_broken_one_is_built_anew(folder, tmp_path):
    place = tmp_path / "linking.db"
    place.write_bytes(b"no database")
    index = Index(folder, place)
    assert Lexicon(index).lookup("战狼")
    index.close()
    write_names(folder, FACTS[:3])
    index = Index(folder, place)
    assert Lexicon(index).lookup("谢楠") == ()
    index.close()


@pytest.fixture
def damaged(tmp_path):
    """Make a database that opens as an index and whose keys cannot be read."""
    path = tmp_path / "damaged.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE meta (value TEXT)")
    return path


def test_a_damaged_index_is_built_anew(folder, tmp_path, damaged):
    path = tmp_path / "linking.db"
    damaged.rename(path)
    index = Index(folder, path)
    assert Lexicon(index).lookup("战狼")
    index.close()


def test_an_index_that_is_damaged_when_the_graph_is_reloaded_is_built_anew(folder, tmp_path, damaged):
    path = tmp_path / "linking.db"
    index = Index(folder, path)
    damaged.rename(path)
    write_names(folder, [*FACTS, Said("三体", "作者", "刘慈欣")])
    assert [each.name for each in Lexicon(index).lookup("三体")] == ["三体"]
    assert (index.reload_failures, index.is_stale) == (0, False)
    index.close()


def test_an_index_that_cannot_be_read_after_it_was_built_is_a_failed_reload(folder, tmp_path, damaged, monkeypatch):
    index = Index(folder, tmp_path / "linking.db")
    lexicon = Lexicon(index)
    write_names(folder, [*FACTS, Said("三体", "作者", "刘慈欣")])
    monkeypatch.setattr(module, "build_index", lambda _folder, path: damaged.rename(path))
    assert [each.name for each in lexicon.lookup("战狼")] == ["战狼"]
    assert (index.reload_failures, lexicon.is_stale) == (1, True)
    index.close()


def test_without_a_place_to_write_that_is_said(folder, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceError, match="no index of .* can be written: tried .*/file/linking.db"):
        Index(folder, tmp_path / "file" / "linking.db")


def test_a_disk_that_is_full_is_said_or_another_place_is_taken(folder, tmp_path, monkeypatch):
    full = (*index_build.PRAGMAS, "max_page_count = 4")
    with monkeypatch.context() as patch:
        patch.setattr(index_build, "PRAGMAS", full)
        with pytest.raises(ServiceError, match=r"no index of .* can be written: tried .*linking.db \(.*disk is full\)"):
            Index(folder, tmp_path / "linking.db")
    assert list(tmp_path.glob("*linking*")) == []
    real = module.build_index

    def build(graph, place):
        with monkeypatch.context() as patch:
            patch.setattr(index_build, "PRAGMAS", full if "home" in place.parts else index_build.PRAGMAS)
            real(graph, place)

    monkeypatch.setattr(module, "build_index", build)
    monkeypatch.delenv("CKGQA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    index = Index(folder)
    assert Lexicon(index).lookup("战狼")
    index.close()
    assert len(list((tmp_path / f"ckgqa-{os.getuid()}").glob("linking-*.db"))) == 1


def test_the_cache_is_where_the_user_says_or_in_the_home(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("CKGQA_CACHE", str(tmp_path / "mine"))
    Index(folder).close()
    assert len(list((tmp_path / "mine").glob("linking-*.db"))) == 1
    monkeypatch.delenv("CKGQA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Index(folder).close()
    assert len(list((tmp_path / "cache" / "ckgqa").glob("linking-*.db"))) == 1
    # A home that cannot be written: a folder of this user's among the temporary ones.
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    monkeypatch.setattr(module.tempfile, "gettempdir", lambda: str(tmp_path))
    Index(folder).close()
    shared = tmp_path / f"ckgqa-{os.getuid()}"
    assert len(list(shared.glob("linking-*.db"))) == 1
    assert shared.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("line", ["{", '{"name": "战狼"}', '{"name": "战狼", "types": 1, "aliases": [], "pinyin": ""}'])
def test_a_broken_line_is_named(folder, line):
    with (folder / "names.jsonl").open("a", encoding="utf-8") as names:
        names.write(line + "\n")
    number = len((folder / "names.jsonl").read_text(encoding="utf-8").splitlines())
    with pytest.raises(InputError, match=rf"names.jsonl line {number}: expected name, types, aliases and pinyin"):
        Index(folder)


def test_a_missing_file_is_named(folder):
    (folder / "texts.jsonl").unlink()
    with pytest.raises(InputError, match="texts.jsonl: there is no such file"):
        Index(folder)


def test_threads_share_it(folder):
    index = Index(folder)
    names, wrong = Lexicon(index), []

    def work() -> None:
        found = {tuple(one.name for one in names.lookup("战狼")) for _ in range(50)}
        wrong.extend(found - {("战狼",)})

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    index.close()


def test_fifty_thousand_names_are_found_among_in_a_moment(tmp_path):
    first, second = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "明华芳伟娜敏静强山河星海春秋风云"
    made = [a + b + c + d for a in first for b in second for c in second for d in second[:13]]
    records = [{"name": name, "types": ["人物"], "aliases": [], "pinyin": "x"} for name in made[:50_000]]
    write_lines(tmp_path / "names.jsonl", records)
    (tmp_path / "texts.jsonl").write_text("")
    index = Index(tmp_path, tmp_path / "linking.db")
    names = Lexicon(index)
    names.fuzzy_search("赵明华芳", 0.78)  # pypinyin is read once
    started = time.process_time()
    for _ in range(20):
        assert [one.name for one in names.lookup("周春秋海")] == ["周春秋海"]
        near = names.fuzzy_search("周春秋孩", 0.78)
    spent_s = (time.process_time() - started) / 20
    assert near[0][0].name == "周春秋海"
    assert spent_s < 0.2
    index.close()


def test_the_record_of_a_name_is_the_contracts(folder):
    line = json.loads((folder / "names.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert set(line) == {"id", "name", "types", "aliases", "pinyin"}
