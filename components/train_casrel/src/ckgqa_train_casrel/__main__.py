"""The stage's command line: `python -m ckgqa_train_casrel train|evaluate|extract --flags`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_train_casrel.settings import EvaluateSettings, ExtractSettings, TrainSettings

COMMANDS = [
    Command(
        "train",
        TrainSettings,
        "ckgqa_train_casrel.train:train",
        "Train a CasRel model on sentences with their triples.",
        check="ckgqa_train_casrel.early_checks:check_train",
    ),
    Command(
        "evaluate",
        EvaluateSettings,
        "ckgqa_train_casrel.evaluate:evaluate",
        "Score a model on labelled sentences and write the report.",
    ),
    Command(
        "extract",
        ExtractSettings,
        "ckgqa_train_casrel.extract:extract",
        "Extract the triples of the archive's sentences and of any more texts.",
        check="ckgqa_train_casrel.early_checks:check_extract",
    ),
]

if __name__ == "__main__":
    sys.exit(main("ckgqa_train_casrel", "Extracts triples from Chinese sentences.", COMMANDS))
