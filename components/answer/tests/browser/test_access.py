"""For everybody: by keyboard, with a screen reader, on a phone, in the dark, in two languages."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import asked
from .site import DIRECTOR, FILMS, NONSENSE, SCRIPT, STRANGE, WIFE

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("header *, main *, form *")]
  .filter((one) => one.scrollWidth > innerWidth || one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 80))"""


def serious(page: Page) -> list[str]:
    """Give what axe-core finds that keeps people out."""
    found = Axe().run(page).response["violations"]
    wrong = [one for one in found if one["impact"] in {"serious", "critical"}]
    return [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in wrong for node in one["nodes"]]


def open_everything(page: Page) -> None:
    card = page.locator(".turn:last-child .card")
    card.locator(".evidence summary").click()
    card.locator(".listed summary").click()
    card.locator(".vertices button").first.click()
    expect(card.locator(".note")).to_contain_text("“")
    card.locator(".thumb").first.click()
    expect(card.locator(".thumb").first).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing_serious(open_page, site, options):
    page = open_page(**options)
    expect(page.locator("#examples button").first).to_be_visible()
    assert serious(page) == []
    asked(page, DIRECTOR)
    asked(page, WIFE)
    open_everything(page)
    assert serious(page) == []
    asked(page, NONSENSE)
    with site.without_graph():
        asked(page, FILMS)
    page.locator("#question").fill("问" * 201)
    assert serious(page) == []


def test_axe_finds_what_is_wrong(page):
    page.evaluate("document.querySelector('#send').removeAttribute('aria-label')")
    assert any(one.startswith("button-name") for one in serious(page))


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")


def test_the_keyboard_alone_is_enough(page):
    expect(page.locator("#examples button")).to_have_count(6)
    page.keyboard.press("Tab")
    assert focused(page) == "跳到提问框"
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.insert_text(DIRECTOR)
    page.keyboard.press("Enter")
    expect(page.locator(".card.answered")).to_be_visible()
    page.locator("#language").focus()
    reached = []
    while "send" not in reached and len(reached) < 40:
        page.keyboard.press("Tab")
        reached.append(focused(page))
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid" or reached[-1] == "question", f"{reached[-1]} does not show that it has the focus"
        if reached[-1].startswith(("依据", "以列表")):
            page.keyboard.press("Enter")
    assert [one.split(" ")[0] for one in reached[:6]] == ["吴京", "依据：1", "", "", "在图谱中", "以列表查看"]
    assert {one.split(" ")[0] for one in reached[6:-2]} >= {"战狼2", "吴京", "56.8亿", "2017-07-27"}
    assert reached[-2:] == ["question", "send"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_scrolls_up_and_down_only(open_page, site, language):
    page = open_page(**PHONE)
    if language == "en":
        page.locator("#language").click()
    assert page.evaluate(TOO_WIDE) == []
    asked(page, STRANGE)
    open_everything(page)
    asked(page, "W" * 128)
    with site.without_graph():
        asked(page, DIRECTOR)
    assert page.evaluate(TOO_WIDE) == []
    sizes = page.evaluate("[...document.querySelectorAll('button')].map((one) => one.getBoundingClientRect().height)")
    assert all(size >= 24 for size in sizes if size)
    expect(page.locator(".question").first).to_contain_text(SCRIPT)


def test_the_language_is_switched_everywhere_and_kept(page, ask):
    ask(DIRECTOR)
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title("Knowledge graph Q&A")
    expect(page.locator(".confidence")).to_have_text("Confident, 99%")
    expect(page.locator(".mentions li")).to_have_text(["subject 战狼2 exact name"])
    expect(page.locator(".said")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("button", name="Helpful")).to_be_visible()
    expect(page.locator("#question")).to_have_attribute("placeholder", re.compile("Such as .+？"))
    page.reload()
    expect(page.locator("h1")).to_have_text("Knowledge graph Q&A")
    expect(page.locator("#hello")).to_have_text("What would you like to know?")
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("h1")).to_have_text("知识图谱问答")


def test_every_word_is_there_in_both_languages(page):
    keys = page.evaluate(
        "import('/page/js/words.js').then(({ WORDS }) => [Object.keys(WORDS.zh), Object.keys(WORDS.en)])"
    )
    assert sorted(keys[0]) == sorted(keys[1])
    used = page.evaluate("[...document.querySelectorAll('[data-say]')].map((one) => one.dataset.say)")
    assert set(used) <= set(keys[0])


def test_answers_come_in_a_live_region(page, ask):
    region = page.locator("#announcer")
    expect(region).to_have_attribute("aria-live", "polite")
    ask(NONSENSE)
    expect(region).to_contain_text("这个问题问的不是图谱里的事实")


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_less_movement_is_shown_to_who_asked_for_it(open_page, motion, moves):
    page = open_page(reduced_motion=motion)
    page.route("**/api/ask", lambda route: None)
    page.locator("#question").fill(DIRECTOR)
    page.keyboard.press("Enter")
    name = page.evaluate("getComputedStyle(document.querySelector('.dots i')).animationName")
    assert (name != "none") is moves


def test_the_dark_is_dark(open_page):
    ground = "getComputedStyle(document.body).backgroundColor"
    assert open_page().evaluate(ground) == "rgb(246, 245, 240)"
    assert open_page(color_scheme="dark").evaluate(ground) == "rgb(20, 25, 27)"


DRAW = """(text) => {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  pen.font = "40px sans-serif";
  pen.fillText(text, 0, 40);
  return canvas.toDataURL();
}"""


def test_chinese_is_drawn_by_a_chinese_font(page):
    # Without one every character is the same empty box.
    assert page.evaluate(DRAW, "战") != page.evaluate(DRAW, "狼"), "on Debian, apt-get install fonts-noto-cjk"
