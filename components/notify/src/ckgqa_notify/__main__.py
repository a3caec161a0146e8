"""The stage's command line: `python -m ckgqa_notify notify --title T --message M --notification OUT`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_notify.notify import NotifySettings, notify

COMMANDS = [Command("notify", NotifySettings, notify)]

if __name__ == "__main__":
    sys.exit(main("ckgqa_notify", "Tells people how a run ended.", COMMANDS))
