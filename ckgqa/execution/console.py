"""Consoles of the command line: rich's, which end quietly if nobody reads any more."""

from rich.console import Console


class OutputConsole(Console):
    """Standard output; if its reader is gone, `main` ends the program.

    Args:
        markup: whether [green] in a text is a color; names of users' data hold square brackets too.
    """

    def __init__(self, *, markup: bool = False) -> None:
        super().__init__(markup=markup)

    def on_broken_pipe(self) -> None:
        """Raise the error that `main` knows, where rich would end the program with exit code 1."""
        raise BrokenPipeError


class ErrorConsole(Console):
    """Standard error; if its reader is gone, the work goes on unseen."""

    def __init__(self) -> None:
        super().__init__(stderr=True)

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        self.quiet = True
