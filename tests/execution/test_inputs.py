import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from ckgqa_train_casrel.data.texts import find_sources

from ckgqa.execution.inputs import INPUTS, find_texts, refuse_other_schemas, stage
from ckgqa.runtime.artefacts import CASREL, GRAPH
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.manifest import Manifest, write_manifest


def stage_raw(source, folder):
    record = stage([source], INPUTS["raw"].find([source]), folder)
    return INPUTS["raw"].path_in(folder), record


def stage_texts(sources, folder):
    return INPUTS["texts"].path_in(folder), stage(sources, find_texts(sources), folder)


def test_a_raw_file_is_copied_under_its_name_and_known_by_its_bytes(tmp_path):
    source = tmp_path / "a.zip"
    source.write_bytes(b"one")
    place, record = stage_raw(source, tmp_path / "run" / "raw")
    assert place.read_bytes() == b"one"
    assert place.name == "a.zip"
    source.write_bytes(b"two")
    assert place.read_bytes() == b"one"  # a copy, not a link
    place, again = stage_raw(source, tmp_path / "run" / "raw")
    assert place.read_bytes() == b"two"
    assert again.hash != record.hash


def test_a_raw_folder_is_copied_whole_and_replaced_whole(tmp_path):
    source = tmp_path / "duie"
    (source / "nested").mkdir(parents=True)
    (source / "nested" / "train.json").write_text("{}")
    (source / "old.json").write_text("{}")
    place, _ = stage_raw(source, tmp_path / "raw")
    (source / "old.json").unlink()
    place, _ = stage_raw(source, tmp_path / "raw")
    assert [file.relative_to(place).as_posix() for file in place.rglob("*.json")] == ["nested/train.json"]


def test_what_is_there_already_is_not_copied_again(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"one")
    place, _ = stage_raw(tmp_path / "a.zip", tmp_path / "raw")
    copied = place.stat().st_ino
    assert stage_raw(tmp_path / "a.zip", tmp_path / "raw")[0].stat().st_ino == copied


def test_the_folder_of_a_bert_is_copied_as_it_is_and_a_name_on_the_hugging_face_hub_refused(tmp_path):
    (tmp_path / "bert" / "deep").mkdir(parents=True)
    for name in ("config.json", "deep/vocab.txt"):
        (tmp_path / "bert" / name).write_text(name)
    kind = INPUTS["encoder"]
    stage([tmp_path / "bert"], kind.find([tmp_path / "bert"]), tmp_path / "encoder")
    assert (kind.path_in(tmp_path / "encoder") / "deep" / "vocab.txt").read_text() == "deep/vocab.txt"
    with pytest.raises(InputError, match=r"expected an existing folder of a BERT.*hf download"):
        kind.find([Path("bert-base-chinese")])
    stage([], kind.find([]), tmp_path / "encoder")
    assert not list((tmp_path / "encoder").iterdir())


def test_no_texts_make_an_empty_folder_so_that_the_pipeline_always_has_one(tmp_path):
    folder, record = stage_texts([], tmp_path / "texts")
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    assert record.sources == []


def test_of_a_graph_the_files_of_the_contract_are_copied_and_none_that_comes_and_goes_beside_it(tmp_path):
    (tmp_path / "graph").mkdir()
    write_manifest(tmp_path / "graph", Manifest(*GRAPH, "s1", "a test"))
    for name in ("graph.db", "graph.db-shm", "graph.db-wal", "names.jsonl", "edge_sentences.csv", "report.json"):
        (tmp_path / "graph" / name).touch()
    assert set(INPUTS["graph"].find([tmp_path / "graph"])) == {
        "graph.db",
        "names.jsonl",
        "edge_sentences.csv",
        "report.json",
        "manifest.json",
    }
    (tmp_path / "graph" / "graph.db-wal").write_text("a log")
    with pytest.raises(ServiceError, match="wait for the load to end, or run a broken load again"):
        INPUTS["graph"].find([tmp_path / "graph"])


def test_a_model_is_a_folder_or_its_archive_and_of_the_graphs_schema(tmp_path):
    for name, kind in (("model", CASREL), ("graph", GRAPH)):
        (tmp_path / name).mkdir()
        write_manifest(tmp_path / name, Manifest(*kind, "s1", "a test"))
    (tmp_path / "graph" / "graph.db").touch()
    with tarfile.open(tmp_path / "any.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "model" / "manifest.json", arcname="manifest.json")
    find = INPUTS["model"].find
    assert find([tmp_path / "any.tar.gz"]) == {"model.tar.gz": tmp_path / "any.tar.gz"}
    found = {"model": find([tmp_path / "model"]), "graph": INPUTS["graph"].find([tmp_path / "graph"])}
    refuse_other_schemas(found)
    write_manifest(tmp_path / "model", Manifest(*CASREL, "s2", "a test"))
    with pytest.raises(InputError, match="trained on schema s2, but the graph .* follows schema s1"):
        refuse_other_schemas(found)


def test_nothing_is_an_empty_folder_that_no_flag_gives(tmp_path):
    kind = INPUTS["nothing"]
    stage([], kind.find([]), tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == [tmp_path / "nothing"]
    assert not kind.offered


def test_texts_that_are_no_longer_given_go(tmp_path):
    (tmp_path / "a.jsonl").write_text("{}")
    stage_texts([tmp_path / "a.jsonl"], tmp_path / "texts")
    folder, _ = stage_texts([], tmp_path / "texts")
    assert list(folder.iterdir()) == []


def test_a_folder_of_nothing_but_other_files_is_refused(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.pdf").touch()
    with pytest.raises(InputError, match=r"no file of texts but notes.pdf; expected one of .jsonl, .json, .txt"):
        stage_texts([tmp_path / "other"], tmp_path / "texts")
    assert not (tmp_path / "texts").exists()


def test_files_of_one_name_are_told_apart_by_their_folders_or_refused(tmp_path):
    for name in ("a/notes.txt", "a/deep/notes.txt", "b/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    folder, _ = stage_texts([tmp_path / "a"], tmp_path / "texts")
    assert (folder / "deep" / "notes.txt").read_text() == "a/deep/notes.txt"
    with pytest.raises(InputError, match=r"--texts notes.txt: expected one file of this name"):
        stage_texts([tmp_path / "a", tmp_path / "b"], tmp_path / "texts")
    assert (folder / "deep" / "notes.txt").exists()  # what was there stays


@pytest.fixture
def texts(tmp_path):
    """Give a folder with every kind of file that one may find among texts."""
    names = ("a.jsonl", "B.JSON", "notes.txt", "deep/er/c.txt", "deep/a.jsonl", "with space.txt", "picture.png", ".odd")
    for name in names:
        file = tmp_path / "given" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}")
    (tmp_path / "given" / "empty").mkdir()
    (tmp_path / "given" / "pictures").mkdir()
    (tmp_path / "given" / "pictures" / "other.png").touch()
    return tmp_path / "given"


def test_the_command_line_takes_the_texts_that_the_stage_takes(texts):
    for source in {texts, *texts.rglob("*")} - {texts / "empty"}:
        assert _names(_given, source) == _names(_read_by_the_stage, source), source


def test_an_empty_folder_of_texts_is_refused_though_the_stage_takes_one_for_no_texts(texts):
    assert _names(_read_by_the_stage, texts / "empty") == []
    with pytest.raises(InputError, match=r"--texts \S+empty: expected a folder with files of texts"):
        find_texts([texts / "empty"])


def test_the_copy_reads_as_what_was_given(texts, tmp_path):
    folder, _ = stage_texts([texts], tmp_path / "texts")
    read = [[(one.name, one.label, one.path.read_text()) for one in find_sources(root)] for root in (texts, folder)]
    assert read[0] == read[1]
    assert len(read[0]) == 6


def _given(source: Path) -> Iterable[str]:
    return find_texts([source])


def _read_by_the_stage(source: Path) -> Iterable[str]:
    return (one.name for one in find_sources(source))


def _names(find: Callable[[Path], Iterable[str]], source: Path) -> list[str] | None:
    try:
        return sorted(find(source))
    except InputError:
        return None
