"""The stage's command line: `python -m ckgqa_train_jointbert train|evaluate|serve --flags`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_train_jointbert.settings import EvaluateSettings, ServeSettings, TrainSettings

COMMANDS = (
    Command(
        "train",
        TrainSettings,
        "ckgqa_train_jointbert.train:train",
        "Train a model on a folder of labelled questions.",
        check="ckgqa_train_jointbert.early_checks:check_train",
    ),
    Command(
        "evaluate",
        EvaluateSettings,
        "ckgqa_train_jointbert.evaluate:evaluate",
        "Score a model on labelled questions and write the report.",
    ),
    Command(
        "serve",
        ServeSettings,
        "ckgqa_train_jointbert.serving.serve:serve",
        "Answer /ping and /invocations over HTTP until stopped.",
        service=True,
    ),
)

if __name__ == "__main__":
    sys.exit(main("ckgqa_train_jointbert", "Understands Chinese questions.", COMMANDS))
