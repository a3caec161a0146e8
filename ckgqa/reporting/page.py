"""The frame of a report for a browser: one HTML page that loads nothing.

A stage's own template extends `page.html` and takes the parts from `parts.html`; `template_environment` loads all of
them. The stage passes the page's `title`, and a `style_sheet` if the page has its own. Templates escape every value, so
that a text with `<script>` is shown as these words, but for a picture or other markup from `as_markup`.
"""

from functools import cache
from html import escape
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

PACKAGE = __name__.rpartition(".")[0]


@cache
def template_environment(package: str = PACKAGE) -> Environment:
    """Return the environment of a report's templates.

    Args:
        package: the package whose folder `templates` holds the report's own templates, beside those of this frame.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(PACKAGE)]),
        autoescape=True,
        finalize=_escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["style_sheet"] = as_markup(style())
    environment.filters["unwrap"] = _unwrap
    return environment


def as_markup(text: str) -> Markup:
    """Mark a text as markup, which templates insert as it is: a picture, or a text that is escaped already."""
    return Markup(text)  # noqa: S704 -- the only place where a text becomes markup


@cache
def style() -> str:
    """Return the style sheet: colours for a light and a dark theme, fonts of every system, the parts of a page."""
    return files(PACKAGE).joinpath("page.css").read_text(encoding="utf-8")


def _escape(value: object) -> Markup:
    """Escape every value as `html.escape` does, whatever its place in the template; markup stays as it is."""
    return value if isinstance(value, Markup) else as_markup(escape(str(value)))


def _unwrap(words: str) -> str:
    """Join the lines of a paragraph, which a template may wrap."""
    return " ".join(words.split())
