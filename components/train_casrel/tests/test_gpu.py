"""Training, evaluation and extraction on a GPU, in bf16 where it has it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.evaluate import evaluate
from ckgqa_train_casrel.extract import extract
from ckgqa_train_casrel.settings import EvaluateSettings, ExtractSettings, TrainSettings
from ckgqa_train_casrel.train import train

from ckgqa.runtime.jsonlines import read_json, read_jsonl


@pytest.mark.gpu
def test_a_model_is_learnt_judged_and_used_on_a_gpu(
    tmp_path: Path, sentences: Callable[..., list[LabelledSentence]], sentences_folder: Callable[..., Path],
    small_settings: Callable[..., TrainSettings],
):  # fmt: skip
    data = sentences_folder(tmp_path / "sentences", sentences(200), sentences(40, seed=2))
    model = tmp_path / "model"
    torch.cuda.reset_peak_memory_stats()
    train(small_settings(data, model, device="cuda", bf16="auto", epochs=12, batch_characters=256))
    assert torch.cuda.max_memory_allocated() > 0
    assert read_json(model / "config.json")["bf16"] is torch.cuda.is_bf16_supported(including_emulation=False)
    evaluate(EvaluateSettings(model, data, tmp_path / "report", tmp_path / "f1", device="cuda"))
    assert float((tmp_path / "f1").read_text()) > 0.9
    extract(ExtractSettings(model, tmp_path / "facts", data, device="cuda"))
    assert len(list(read_jsonl(tmp_path / "facts" / "facts.jsonl"))) == 280
