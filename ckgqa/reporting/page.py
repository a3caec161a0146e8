"""The frame of a report for a browser: one HTML page that loads nothing.

Whoever fills it escapes what comes from data (`html.escape`), so that a text with `<script>` is shown as these words.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from importlib.resources import files


def page(title: str, body: Iterable[str]) -> str:
    """Wrap the parts of a page, which are markup, with the house's style; `title` is plain text."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


@cache
def style() -> str:
    """Give the style sheet: colours for a light and a dark theme, fonts of every system, the parts of a page."""
    return files(__package__).joinpath("page.css").read_text(encoding="utf-8")


def header(title: str, words: str) -> str:
    """Give the page's head line, with `words` (markup) under it."""
    return f'<header><h1>{escape(title)}</h1><p class="soft">{words}</p></header>'


def tiles(figures: Mapping[str, str]) -> str:
    """Give the few figures that matter most, what each is -> the figure."""
    shown = (
        f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for name, value in figures.items()
    )
    return f'<div class="tiles">{"".join(shown)}</div>'


def section(title: str, words: str, *pictures: str) -> str:
    """Give a part of the page: a title, words (markup) and pictures, several of them side by side."""
    shown = "".join(f"<figure>{picture}</figure>" for picture in pictures)
    inner = f'<div class="pair">{shown}</div>' if len(pictures) > 1 else shown
    return f'<section><h2>{escape(title)}</h2><p class="soft">{words}</p>{inner}</section>'
