"""The stage's command line: `python -m ckgqa_preprocess duie --raw DuIE_2_0.zip --sentences sentences`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.questions.settings import QuestionSettings

COMMANDS = [
    Command(
        "duie",
        DuieSettings,
        "ckgqa_preprocess.duie.stage:preprocess_duie",
        "Turn a DuIE archive into validated sentences: train, validation and test.",
        check="ckgqa_preprocess.duie.stage:check_duie",
    ),
    Command(
        "questions",
        QuestionSettings,
        "ckgqa_preprocess.questions.stage:preprocess_questions",
        "Generate labelled questions about a graph, read them from an archive, or both.",
        check="ckgqa_preprocess.questions.stage:check_questions",
    ),
]

if __name__ == "__main__":
    sys.exit(main("ckgqa_preprocess", "Turns raw archives into validated, split and counted records.", COMMANDS))
