"""The stage's command line: `python -m ckgqa_register_model register --model M --report R --group G --package OUT`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_register_model.settings import RegisterSettings

COMMANDS = [
    Command(
        "register",
        RegisterSettings,
        "ckgqa_register_model.register:register",
        "Register a model and the report on it, pending a person's approval.",
    )
]

if __name__ == "__main__":
    sys.exit(main("ckgqa_register_model", "Registers a model for a person to approve.", COMMANDS))
