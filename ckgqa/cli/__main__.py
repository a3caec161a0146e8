"""`python -m ckgqa.cli` is `ckgqa`."""

from ckgqa.cli.main import entry

entry()
