"""A model folder is read back as it was, and a broken one is refused by name."""

import json
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.inference import extractor as extractor_module
from ckgqa_train_casrel.inference.extractor import load_extractor
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.train import train

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.training import precision


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, sentences: Callable[..., list[LabelledSentence]],
    sentences_folder: Callable[..., Path], small_settings: Callable[..., TrainSettings],
) -> Path:  # fmt: skip
    folder = tmp_path_factory.mktemp("saved")
    data = sentences_folder(folder / "sentences", sentences(10), sentences(5))
    train(small_settings(data, folder / "model", epochs=1))
    return folder / "model"


@pytest.fixture
def model(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "model"))


def test_every_file_can_be_read_by_the_user_of_the_next_stage(model: Path):
    assert [path.name for path in model.iterdir() if path.stat().st_mode & 0o044 != 0o044] == []


def test_a_sound_folder_is_read(model: Path):
    extractor = load_extractor(model, "cpu")
    assert len(extractor.schema.labels) == 4
    assert 0 < extractor.thresholds.subject < 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.safetensors", "model.safetensors is missing, so there are no weights"),
        ("config.json", "config.json: there is no such file"),
        ("schema.json", "schema.json is missing"),
        ("vocabulary.json", "vocabulary.json is missing"),
        ("manifest.json", "no manifest.json there; expected a folder written as ckgqa/casrel version 3"),
    ],
)
def test_a_missing_part_is_named(model: Path, name: str, message: str):
    (model / name).unlink()
    with pytest.raises(InputError, match=message):
        load_extractor(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 3; train a model again with `ckgqa run knowledge-graph`"),
        ({"format": "ckgqa/jointbert"}, "this is ckgqa/jointbert version 3; expected .*casrel version 3$"),
    ],
)
def test_another_format_or_version_is_refused(model: Path, change: dict[str, object], message: str):
    write_json(model / "manifest.json", read_json(model / "manifest.json") | change)
    with pytest.raises(InputError, match=message):
        load_extractor(model)


def test_another_schema_is_refused(model: Path):
    content = json.loads((model / "schema.json").read_text(encoding="utf-8"))
    content["readings"][0]["subject_type"] = "图书作品"
    (model / "schema.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="not the schema that the model was trained on"):
        load_extractor(model)


def test_weights_of_another_size_are_refused(model: Path):
    config = read_json(model / "config.json")
    config["architecture"]["hidden_size"] = 32
    write_json(model / "config.json", config)
    with pytest.raises(InputError, match=r"model\.safetensors: not the weights that config\.json"):
        load_extractor(model)


def test_heads_that_cannot_share_the_states_are_refused(model: Path):
    config = read_json(model / "config.json")
    config["architecture"]["attention_heads"] = 3
    write_json(model / "config.json", config)
    with pytest.raises(InputError, match="--attention-heads 3: expected a divisor of 64, .* such as 1, 2, 4, 8, 16"):
        load_extractor(model)


@pytest.mark.parametrize(("bf16", "flag", "used"), [(0, "avx512_bf16", 0), (1, "avx512_bf16", 1), (1, "avx2", 0)])
def test_a_model_computes_in_bf16_where_it_was_trained_so_and_the_processor_multiplies_it(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bf16: int, flag: str, used: int
):
    write_json(model / "config.json", read_json(model / "config.json") | {"bf16": bool(bf16)})
    (tmp_path / "cpuinfo").write_text(f"flags : fpu {flag}\n")
    monkeypatch.setattr(precision, "CPU_INFO", tmp_path / "cpuinfo")
    seen: list[bool] = []
    monkeypatch.setattr(extractor_module, "forward_precision", lambda on, device: seen.append(on) or nullcontext())
    load_extractor(model, "cpu").extract(["《山河云》由李明华执导"])
    assert seen == [bool(used)]


def test_weights_that_are_no_weights_are_refused(model: Path):
    (model / "model.safetensors").write_bytes(b"half a file")
    with pytest.raises(InputError, match=r"model\.safetensors: not the weights"):
        load_extractor(model)


@pytest.mark.parametrize("broken", [{}, {"architecture": {"hidden_size": 3}}, {"thresholds": {"subject": 7}}])
def test_a_broken_configuration_is_refused(model: Path, broken: dict[str, object]):
    content = read_json(model / "config.json") | broken if broken else {}
    write_json(model / "config.json", content)
    with pytest.raises(InputError):
        load_extractor(model)
