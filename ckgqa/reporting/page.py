"""The frame of a report for a browser: one HTML page that loads nothing.

A stage's own template extends `page.html` and takes the parts from `parts.html`; `template_environment` loads all of
them. Templates escape every value, so that a text with `<script>` is shown as these words, but for a picture or other
markup from `as_markup`. The functions build single parts for reports without a template.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

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


def page(title: str, body: Iterable[str]) -> str:
    """Wrap the parts of a page, which are markup, with the shared style sheet; `title` is plain text."""
    return template_environment().get_template("page.html").render(title=title, body=as_markup("\n".join(body)))


@cache
def style() -> str:
    """Return the style sheet: colours for a light and a dark theme, fonts of every system, the parts of a page."""
    return files(PACKAGE).joinpath("page.css").read_text(encoding="utf-8")


def header(title: str, words: str) -> str:
    """Return the page's head line, with `words` (markup) under it."""
    return _part("header", title, as_markup(words))


def tiles(figures: Mapping[str, str]) -> str:
    """Return the few most important figures as tiles; `figures` maps the name of each to its value."""
    return _part("tiles", figures)


def section(title: str, words: str, *pictures: str) -> str:
    """Return a part of the page: a title, words (markup) and pictures, several of them side by side."""
    return _part("section", title, as_markup(words), [as_markup(picture) for picture in pictures])


def _part(name: str, *arguments: object) -> str:
    """Call a macro of parts.html; the result is a plain text, so that `+` never escapes the other operand."""
    macro = getattr(_parts(), name)
    return str.__str__(macro(*arguments))


@cache
def _parts() -> Any:  # noqa: ANN401 -- a template's module, whose attributes are its macros
    return template_environment().get_template("parts.html").module


def _escape(value: object) -> Markup:
    """Escape every value as `html.escape` does, whatever its place in the template; markup stays as it is."""
    return value if isinstance(value, Markup) else as_markup(escape(str(value)))


def _unwrap(words: str) -> str:
    """Join the lines of a paragraph, which a template may wrap."""
    return " ".join(words.split())
