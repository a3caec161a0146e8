"""Takes the pictures of the page that the READMEs show: `make pictures`, or this module with a folder.

They show the tests' made graph, of facts that everybody knows, without those that were made up.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from components.answer.tests.made import FACTS

from .conftest import asked
from .site import DIRECTOR, FILMS, ROLE, WIFE, Site, chromium, running

TRUE = [fact for fact in FACTS if fact.value != "王老五"]
TWO_HOPS = "《战狼2》的导演的妻子是谁？"
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
SETTLED_MS = 600


def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, running(Path(made), TRUE) as site, chromium() as browser:
        with _taken(browser, site, folder / "answer.png", DESK) as page:
            _answer(page, TWO_HOPS, "吴京")
        with _taken(browser, site, folder / "dark.png", {**DESK, "color_scheme": "dark"}) as page:
            asked(page, DIRECTOR)
            _answer(page, WIFE, None)
        with _taken(browser, site, folder / "phone.png", PHONE) as page:
            asked(page, ROLE)
        with _taken(browser, site, folder / "phone-graph.png", PHONE) as page:
            asked(page, ROLE).locator(".legend").scroll_into_view_if_needed()
        with _taken(browser, site, folder / "english.png", DESK) as page:
            page.locator("#language").click()
            expect(page.locator("#examples button")).to_have_count(6)
        with _taken(browser, site, folder / "down.png", DESK) as page:
            asked(page, DIRECTOR)
            with site.without_graph():
                asked(page, FILMS)


@contextmanager
def _taken(browser: Browser, site: Site, file: Path, options: Mapping[str, object]) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", **options)
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator("#examples button")).to_have_count(6)
    yield page
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=file)
    context.close()


def _answer(page: Page, question: str, vertex: str | None) -> None:
    card = asked(page, question)
    card.locator(".evidence summary").click()
    if vertex:
        card.locator(".listed summary").click()
        card.locator(".vertices button").filter(has_text=vertex).click()
        expect(card.locator(".note")).to_contain_text(f"“{vertex}”：")
        card.locator(".listed summary").click()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
