"""The frame of a report: its parts, and templates that escape whatever comes from data."""

import re
from html import escape

from ckgqa.reporting.page import as_markup, style, template_environment

EVIL = "<b onclick=x>'\"&"


def rendered(template: str, **values: object) -> str:
    imports = '{% from "parts.html" import header, section, tiles %}'
    return template_environment().from_string(imports + template).render(**values)


def test_plain_text_is_escaped_and_markup_is_not():
    head = rendered("{{ header(title, words) }}", title=EVIL, words=as_markup("<b>x</b>"))
    assert head == f'<header><h1>{escape(EVIL)}</h1><p class="soft"><b>x</b></p></header>'
    assert rendered("{{ tiles(figures) }}", figures={EVIL: "1", "F1": EVIL}) == (
        f'<div class="tiles"><div class="tile"><b>1</b><span>{escape(EVIL)}</span></div>'
        f'<div class="tile"><b>{escape(EVIL)}</b><span>F1</span></div></div>'
    )


def test_several_pictures_stand_side_by_side():
    def section(*pictures: str) -> str:
        return rendered(
            "{{ section(title, 'words', pictures) }}", title=EVIL, pictures=[as_markup(each) for each in pictures]
        )

    start = f'<section><h2>{escape(EVIL)}</h2><p class="soft">words</p>'
    assert section() == f"{start}</section>"
    assert section("<svg/>") == f"{start}<figure><svg/></figure></section>"
    assert section("<svg/>", "<i/>") == (
        f'{start}<div class="pair"><figure><svg/></figure><figure><i/></figure></div></section>'
    )


def test_a_page_holds_its_body():
    template = '{% extends "page.html" %}\n{% block body %}\n<p>a</p>\n<p>{{ words }}</p>\n{% endblock %}\n'
    page = template_environment().from_string(template)
    expected = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(EVIL)}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n<main>\n"
        f"<p>a</p>\n<p>{escape(EVIL)}</p>\n</main>\n</body>\n</html>\n"
    )
    assert page.render(title=EVIL, words=EVIL) == expected
    own = page.render(title=EVIL, words=EVIL, style_sheet=as_markup("a > b {}\n"))
    assert own == expected.replace(style(), "a > b {}\n")


def test_a_page_loads_nothing():
    page = template_environment().get_template("page.html").render(title="t")
    assert "<script" not in page
    assert not re.search(r"url\(|@import|@font-face|src=|href=", page)


def test_a_template_escapes_every_value_but_markup():
    template = template_environment().from_string("{{ text }}|{{ picture }}|{% filter unwrap %}a\n  b{% endfilter %}")
    assert template.render(text=EVIL, picture=as_markup("<svg/>")) == f"{escape(EVIL)}|<svg/>|a b"
