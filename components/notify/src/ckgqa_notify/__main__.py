"""The stage's command line: `python -m ckgqa_notify notify --title T --message M --notification OUT`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_notify.settings import NotifySettings

COMMANDS = [Command("notify", NotifySettings, "ckgqa_notify.notify:notify", "Write a notification and log it.")]

if __name__ == "__main__":
    sys.exit(main("ckgqa_notify", "Tells people how a run ended.", COMMANDS))
