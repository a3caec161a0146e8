"""What goes wrong, and what a person sees of it."""

import pytest
from playwright.sync_api import expect

from components.answer.tests.stub_server import status

from .site import DIRECTOR, WIFE

pytestmark = pytest.mark.browser
ANSWER = "《战狼2》的导演是吴京。"


def test_a_graph_that_is_down_is_said_so_and_asked_again_when_it_is_back(page, ask, site):
    with site.without_graph():
        card = ask(DIRECTOR)
        expect(card.locator(".said")).to_have_text("知识图谱暂时连不上")
        expect(card).to_contain_text("大约 2 秒后可以再试。")
        expect(page.locator("#announcer")).to_have_text("知识图谱暂时连不上")
        expect(card.locator(".soft")).to_contain_text("编号")
    card.get_by_role("button", name="重试").click()
    expect(page.locator(".card .said")).to_have_text(ANSWER)
    expect(page.locator(".turn")).to_have_count(1)
    expect(ask(WIFE).locator(".said")).to_have_text("吴京的妻子是谢楠。")


def test_a_model_that_is_down_is_said_so(ask, site):
    # More than the tries of one question: making examples asks the model too.
    site.model.failures += [status(500)] * 30
    card = ask(DIRECTOR)
    site.model.failures.clear()
    expect(card.locator(".said")).to_have_text("理解问题的模型暂时连不上")


def test_a_network_that_is_gone_is_said_so(page, ask):
    page.context.set_offline(True)
    card = ask(DIRECTOR)
    expect(card.locator(".said")).to_have_text("连不上服务器，请检查网络")
    page.context.set_offline(False)
    card.get_by_role("button", name="重试").click()
    expect(page.locator(".card .said")).to_have_text(ANSWER)


def test_a_context_that_is_refused_is_left_behind(page, ask):
    ask(DIRECTOR)
    page.route("**/api/ask", lambda route: route.continue_(post_data=route.request.post_data.replace("ey", "EY")))
    card = ask(WIFE)
    expect(card.locator(".said")).to_have_text("这个问题没法处理")
    expect(card.locator(".reason")).to_contain_text("the conversation's context is not one that this service gave")
    page.unroute("**/api/ask")
    card.get_by_role("button", name="不带上文再问一次").click()
    expect(page.locator(".turn:last-child .status")).to_have_text("没听懂")


def test_a_question_that_is_refused_is_not_tried_again(page, ask):
    page.route("**/api/ask", lambda route: route.continue_(post_data='{"question": ""}'))
    card = ask(DIRECTOR)
    expect(card.locator(".reason")).to_contain_text("the question is empty")
    expect(card.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("content", ["<html>a proxy's page</html>", '{"error": "broken"}'])
def test_a_server_that_fails_is_said_so(page, ask, content):
    page.route("**/api/ask", lambda route: route.fulfill(status=500, body=content))
    card = ask(DIRECTOR)
    expect(card.locator(".said")).to_have_text("服务器出错了")
    expect(card.get_by_role("button", name="重试")).to_be_visible()


def test_a_page_without_examples_can_still_be_asked(page, ask):
    page.route("**/api/examples*", lambda route: route.fulfill(status=503, json={"error": "down"}))
    page.reload()
    expect(page.locator("#examples-note")).to_have_text("示例问题暂时取不到。")
    expect(ask(DIRECTOR).locator(".said")).to_have_text(ANSWER)
