"""One application and one Chromium for a file of tests, a fresh page for each."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from .site import chromium, running

expect.set_options(timeout=20_000)  # a busy machine is slow, and that is not what is tested
REDUCED = {"reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    # Closed with the file: Playwright keeps an event loop in this thread, where gremlinpython of other tests has none.
    with chromium() as found:
        yield found


@pytest.fixture
def open_page(browser, site) -> Iterator[Callable[..., Page]]:
    """Return a function that opens the page as a browser with some options; nothing on it may break."""
    broken: list[str] = []
    contexts = []

    def opened(**options: object) -> Page:
        context = browser.new_context(**{**REDUCED, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(f"{error}\n{error.stack}"))
        page.on("console", lambda line: broken.append(line.text) if "Content Security" in line.text else None)
        page.goto(site.url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert broken == []


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


@pytest.fixture
def ask(page) -> Callable[[str], Locator]:
    """Return a function that types a question, sends it, and gives the card that answers it."""
    return lambda question: asked(page, question)


def asked(page: Page, question: str) -> Locator:
    turns = page.locator(".turn")
    before = turns.count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    expect(turns).to_have_count(before + 1)
    card = turns.nth(before).locator(".card")
    expect(card).to_be_visible()
    return card
