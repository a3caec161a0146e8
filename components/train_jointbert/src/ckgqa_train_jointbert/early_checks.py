"""The check of the inputs of `train` without torch: a run calls it before its first task."""

from ckgqa.training.bert_folder import check_bert_folder
from ckgqa_train_jointbert.data.vocabulary import SPECIAL_TOKENS
from ckgqa_train_jointbert.model.config import check_fit
from ckgqa_train_jointbert.settings import TrainSettings


def check_train(settings: TrainSettings) -> None:
    """Check the BERT to train on.

    Raises:
        InputError: the folder holds no BERT, or one that does not fit the settings.
    """
    if settings.pretrained is not None:
        sizes = check_bert_folder(settings.pretrained, SPECIAL_TOKENS)
        check_fit(settings.pretrained, settings.window, sizes.longest, sizes.hidden_act)
