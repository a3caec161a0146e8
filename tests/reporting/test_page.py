"""The frame of a report: parts as they always were, and templates that escape whatever comes from data."""

from html import escape

from ckgqa.reporting.page import as_markup, header, page, section, style, template_environment, tiles

EVIL = "<b onclick=x>'\"&"


def test_plain_text_is_escaped_and_markup_is_not():
    assert header(EVIL, "<b>x</b>") == f'<header><h1>{escape(EVIL)}</h1><p class="soft"><b>x</b></p></header>'
    assert tiles({EVIL: "1", "F1": EVIL}) == (
        f'<div class="tiles"><div class="tile"><b>1</b><span>{escape(EVIL)}</span></div>'
        f'<div class="tile"><b>{escape(EVIL)}</b><span>F1</span></div></div>'
    )


def test_several_pictures_stand_side_by_side():
    start = f'<section><h2>{escape(EVIL)}</h2><p class="soft">words</p>'
    assert section(EVIL, "words") == f"{start}</section>"
    assert section(EVIL, "words", "<svg/>") == f"{start}<figure><svg/></figure></section>"
    assert section(EVIL, "words", "<svg/>", "<i/>") == (
        f'{start}<div class="pair"><figure><svg/></figure><figure><i/></figure></div></section>'
    )


def test_a_page_holds_its_parts_one_a_line():
    assert page(EVIL, ["<p>a</p>", "<p>b</p>"]) == (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(EVIL)}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n<main>\n"
        "<p>a</p>\n<p>b</p>\n</main>\n</body>\n</html>\n"
    )


def test_a_part_is_a_plain_text_so_that_adding_markup_to_it_escapes_nothing():
    assert "<div>" + header("a", "b") + "</div>" == f"<div>{header('a', 'b')}</div>"


def test_a_template_escapes_every_value_but_markup():
    template = template_environment().from_string("{{ text }}|{{ picture }}|{% filter unwrap %}a\n  b{% endfilter %}")
    assert template.render(text=EVIL, picture=as_markup("<svg/>")) == f"{escape(EVIL)}|<svg/>|a b"
