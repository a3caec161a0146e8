"""The program of this stage: `python -m ckgqa_train_jointbert train|evaluate|serve --flags`.

Each command imports what it needs when it runs: what serves starts in a second and has no torch.
"""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_train_jointbert.evaluate_settings import EvaluateSettings
from ckgqa_train_jointbert.serve_settings import ServeSettings
from ckgqa_train_jointbert.train_settings import TrainSettings


def train(settings: TrainSettings) -> None:
    """Train a model on a folder of labelled questions."""
    from ckgqa_train_jointbert.train import train as run  # noqa: PLC0415 -- torch: see above

    run(settings)


def evaluate(settings: EvaluateSettings) -> None:
    """Score a model on labelled questions and write the report."""
    from ckgqa_train_jointbert.evaluate import evaluate as run  # noqa: PLC0415 -- as above

    run(settings)


def serve(settings: ServeSettings) -> None:
    """Answer /ping and /invocations over HTTP until stopped."""
    from ckgqa_train_jointbert.serve import serve as run  # noqa: PLC0415 -- as above

    run(settings)


COMMANDS = (
    Command("train", TrainSettings, train),
    Command("evaluate", EvaluateSettings, evaluate),
    Command("serve", ServeSettings, serve, service=True),
)

if __name__ == "__main__":
    sys.exit(main("ckgqa_train_jointbert", "Understands Chinese questions.", COMMANDS))
