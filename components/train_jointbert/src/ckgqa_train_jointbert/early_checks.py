"""The check of the inputs of `train` without torch: a run calls it before its first task."""

from pathlib import Path

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import refusal
from ckgqa.training.bert_folder import check_bert_folder
from ckgqa_train_jointbert.data.vocabulary import SPECIAL_TOKENS
from ckgqa_train_jointbert.model.config import ACTIVATIONS
from ckgqa_train_jointbert.settings import TrainSettings


def check_train(settings: TrainSettings) -> None:
    """Check the BERT to train on.

    Raises:
        InputError: the folder holds no BERT, or one that does not fit the settings.
    """
    if settings.pretrained is not None:
        sizes = check_bert_folder(settings.pretrained, SPECIAL_TOKENS)
        check_fit(settings.pretrained, settings.window, sizes.longest, sizes.hidden_act)


def check_fit(folder: Path, window: int, longest: int, activation: str) -> None:
    """Reject a BERT that sees fewer characters than the window, or whose activation the exported graph lacks.

    Raises:
        InputError: it does not fit.
    """
    require(window <= longest, refusal("--window", window, f"at most the {longest} characters of this BERT"))
    expected = f"a BERT with one of the activations {', '.join(ACTIVATIONS)}, not {activation!r}"
    require(activation in ACTIVATIONS, refusal("--encoder", folder, expected))
