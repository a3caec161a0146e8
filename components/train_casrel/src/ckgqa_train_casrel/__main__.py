"""The program of this stage: `python -m ckgqa_train_casrel train|evaluate|extract --flags`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_train_casrel.evaluate import EvaluateSettings, evaluate
from ckgqa_train_casrel.extract import ExtractSettings, extract
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.train import train

COMMANDS = (
    Command("train", TrainSettings, train),
    Command("evaluate", EvaluateSettings, evaluate),
    Command("extract", ExtractSettings, extract),
)

if __name__ == "__main__":
    sys.exit(main("ckgqa_train_casrel", "Finds triples in Chinese sentences.", COMMANDS))
