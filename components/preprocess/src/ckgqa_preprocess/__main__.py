"""The stage's command line: `python -m ckgqa_preprocess duie --raw DuIE_2_0.zip --sentences sentences`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_preprocess.duie import DuieSettings, preprocess_duie
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.stage import preprocess_questions

COMMANDS = [
    Command("duie", DuieSettings, preprocess_duie),
    Command("questions", QuestionSettings, preprocess_questions),
]

if __name__ == "__main__":
    sys.exit(main("ckgqa_preprocess", "Turns raw archives into validated, split and counted records.", COMMANDS))
