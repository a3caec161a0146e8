"""The graph beside an answer: drawn and clicked, and the same as a list."""

import pytest
from playwright.sync_api import Locator, Page, expect

from ckgqa.graph.ids import entity_id

from .conftest import asked
from .site import DIRECTOR, FILMS, ROLE, SCRIPTS, WIFE

pytestmark = pytest.mark.browser
FILM, PERSON, COUNTRY = (entity_id(name) for name in ("战狼2", "吴京", "中国"))
DRAWN = "document.querySelector('.canvas:not(:empty)')._cyreg.cy"
"""The drawing, as cytoscape.js keeps it on its element."""

SETTLED = f"""async (id) => {{
  const place = () => {{ return {{ ...{DRAWN}.getElementById(id).renderedPosition() }}; }};
  for (let last = null, now = place(); ; last = now, now = place()) {{
    if (last && last.x === now.x && last.y === now.y) return now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }}
}}"""
"""Gives where a vertex is drawn, as soon as it has stood there for a moment."""


def classes(page: Page, vertex: str) -> list[str]:
    return page.evaluate(f"(id) => {DRAWN}.getElementById(id).classes()", vertex)


def wait_for_vertex(page: Page, vertex: str) -> None:
    page.wait_for_function(f"(id) => {DRAWN}.hasElementWithId(id)", arg=vertex)


def click_on(page: Page, vertex: str) -> None:
    """Click where a vertex is drawn, as a hand would, when nothing moves any more."""
    canvas = page.locator(".canvas[aria-busy=false]:not(:empty)")
    canvas.scroll_into_view_if_needed()
    place = page.evaluate(SETTLED, vertex)
    box = canvas.bounding_box()
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])


def open_list(card: Locator) -> Locator:
    card.locator(".listed summary").click()
    return card.locator(".vertices button")


def test_the_path_is_marked_among_its_neighbours(page, ask):
    card = ask(DIRECTOR)
    wait_for_vertex(page, entity_id("2017-07-27"))
    assert classes(page, PERSON) == ["asked", "name"]
    assert classes(page, FILM) == ["path", "name"]
    assert classes(page, entity_id("2017-07-27")) == ["neighbour", "name"]
    assert page.evaluate(f"{DRAWN}.edges('.path').map((edge) => edge.data('label'))") == ["导演"]
    expect(card.locator(".canvas")).to_have_attribute(
        "aria-label", "图谱：战狼2、吴京。可点的每个顶点都在下面的列表里。"
    )


def test_a_click_on_a_vertex_adds_its_neighbours_and_tells_its_facts(page, ask):
    card = ask(DIRECTOR)
    click_on(page, PERSON)
    wait_for_vertex(page, COUNTRY)
    expect(card.locator(".note")).to_contain_text("“吴京”：新增")
    expect(card.locator(".about h3")).to_have_text("吴京 人物、娱乐人物")
    expect(card.locator(".about")).to_contain_text("吴京 国籍 → 中国")
    assert page.evaluate(f"{DRAWN}.nodes(':selected').id()") == PERSON
    click_on(page, COUNTRY)
    expect(card.locator(".note")).to_have_text("“中国”：新增 1 个顶点")
    expect(card.locator(".about li")).to_have_count(page.evaluate(f"{DRAWN}.getElementById('{COUNTRY}').degree()"))


def test_everything_that_can_be_clicked_is_in_the_list(page, ask):
    card = ask(FILMS)
    buttons = open_list(card)
    click_on(page, PERSON)
    expect(card.locator(".note")).to_contain_text("“吴京”：新增")
    drawn = page.evaluate(f"{DRAWN}.nodes().map((node) => node.data('name'))")
    expect(buttons).to_have_count(len(drawn))
    assert sorted(text.split(" ")[0] for text in buttons.all_text_contents()) == sorted(n.split(" ")[0] for n in drawn)


def test_a_vertex_of_the_list_does_what_a_click_does_and_can_be_asked_about(page, ask):
    card = ask(DIRECTOR)
    entry = open_list(card).filter(has_text="吴京")
    entry.focus()
    page.keyboard.press("Enter")
    expect(entry).to_have_attribute("aria-pressed", "true")
    expect(entry).to_be_focused()
    wait_for_vertex(page, COUNTRY)
    card.get_by_role("button", name="问问“吴京”").click()
    expect(page.locator("#question")).to_have_value("吴京的")
    expect(page.locator("#question")).to_be_focused()
    card.locator(".vertices button").filter(has_text="战狼2").click()
    card.get_by_role("button", name="问问“战狼2”").click()
    expect(page.locator("#question")).to_have_value("《战狼2》的")


def test_a_fact_with_slots_is_a_vertex_that_cannot_be_asked_about(page, ask):
    card = ask(ROLE)
    fact = open_list(card).filter(has_text="饰演 事实").first
    fact.click()
    expect(card.locator(".about h3")).to_have_text("饰演 事实")
    expect(card.locator(".about li").filter(has_text="饰演 作品 → 流浪地球")).to_have_count(1)
    expect(card.locator(".about button")).to_have_count(0)


def test_a_value_of_the_answer_shows_itself_in_the_graph(page, ask):
    card = ask(FILMS)
    card.get_by_role("button", name="战狼2", exact=True).click()
    expect(card.locator(".about h3")).to_have_text("战狼2 影视作品")
    wait_for_vertex(page, entity_id("56.8亿"))


def test_neighbours_that_cannot_be_fetched_are_told_and_asked_for_again(page, ask, site):
    card = ask(DIRECTOR)
    wait_for_vertex(page, entity_id("2017-07-27"))
    with site.without_graph():
        click_on(page, PERSON)
        expect(card.locator(".note")).to_have_text("取不到“吴京”的邻居，再点一次可重试")
        expect(card.locator(".about h3")).to_contain_text("吴京")
    click_on(page, PERSON)
    wait_for_vertex(page, COUNTRY)


def test_only_part_of_a_supernode_is_fetched_and_said_so(page, ask):
    card = ask("电影1号的编剧是谁？")
    click_on(page, entity_id("李四光"))
    expect(card.locator(".note")).to_have_text("“李四光”：新增 29 个顶点 （只取了一部分）")
    card = ask(SCRIPTS)
    open_list(card).filter(has_text="李四光").click()
    expect(card.locator(".note")).to_contain_text("一部分")


def test_an_older_graph_folds_away_and_opens_again(page, ask):
    first = ask(DIRECTOR)
    wait_for_vertex(page, entity_id("2017-07-27"))
    ask(WIFE)
    expect(first.locator(".canvas")).to_be_hidden()
    expect(first.locator("canvas")).to_have_count(0)
    first.locator(".graph > summary").click()
    expect(first.locator("canvas").first).to_be_visible()


def test_names_keep_a_readable_size(open_page):
    page = open_page(viewport={"width": 320, "height": 640})
    asked(page, FILMS)
    click_on(page, PERSON)
    wait_for_vertex(page, COUNTRY)
    assert 13 * page.evaluate(f"{DRAWN}.zoom()") >= 9
