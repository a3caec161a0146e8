"""The options that several commands share: a flag has one name, one form and one meaning on the whole command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click
from click.types import OptionHelpExtra

from ckgqa.execution.local.executor import ExecutorName
from ckgqa.execution.records.record import LAST
from ckgqa.registry.layout import DEFAULT_REGISTRY
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import refusal

RUNS = Path("runs")
"""The default folder of the runs."""

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class DescribedOption(click.Option):
    """An option that is None or empty if it is absent; its help describes what applies then."""

    def __init__(self, *words: Any, absent: str = "", **settings: Any) -> None:  # noqa: ANN401 -- click's own
        """Make the option.

        Args:
            words: the flag's names.
            absent: what applies without the flag, for the help.
            settings: of `click.Option`.
        """
        super().__init__(*words, **settings)
        self.absent = absent

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return what the help shows in brackets."""
        extra = super().get_help_extra(ctx)
        if self.absent:
            extra["default"] = self.absent
        return extra


class InputPath(click.Path):
    """A file or folder of the user; an empty word, as of an unset variable, does not stand for the current folder."""

    def __init__(self) -> None:
        """Make a type whose values are `Path`s."""
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Convert a word to a path.

        Raises:
            InputError: the word is empty.
        """
        if not str(value):
            named = param.opts[0] if isinstance(param, click.Option) else "FILES"
            raise InputError(refusal(named, "''", "a file or a folder"))
        return super().convert(value, param, ctx)


runs_dir_option = click.option(
    "--runs-dir",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=RUNS,
    show_default=True,
    help="Folder of the runs.",
)
registry_option = click.option(
    "--registry",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=DEFAULT_REGISTRY,
    show_default=True,
    help="Folder of the registry of models.",
)
graph_option = click.option(
    "--graph",
    metavar="RUN|FOLDER",
    default=LAST,
    show_default=True,
    help="Graph to use: that of a run, that in a folder, or `last`, that of the newest run that has one.",
)
graph_url_option = click.option(
    "--graph-url",
    metavar="URL",
    default="",
    help="Address of the graph, if it needs a password, which no run keeps.",
)
limit_option = click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Largest number of facts to show."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def model_option(role: str) -> Callable[[Decorated], Decorated]:
    """Return the option that names a model.

    Args:
        role: what the model does, for the help.
    """
    return click.option(
        "--model",
        cls=DescribedOption,
        metavar="ID|FOLDER",
        default="",
        absent="the newest approved one",
        help=f"Model that {role}: an ID of the registry, such as question-model/3, or a folder.",
    )


target_option = click.option(
    "--target",
    cls=DescribedOption,
    type=click.Choice(get_args(ExecutorName)),
    absent="docker if an engine answers, otherwise process",
    help="Where the pipeline runs: as plain processes, or in containers.",
)
