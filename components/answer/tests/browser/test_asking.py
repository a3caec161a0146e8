"""A conversation in a real browser: asked, answered, followed up, judged."""

import json

import pytest
from playwright.sync_api import expect

from .conftest import asked
from .site import (
    COUNT,
    DIRECTOR,
    FIRST,
    MISSING,
    NEAR,
    NONSENSE,
    ROLE,
    SCRIPT,
    SCRIPTS,
    SEQUEL,
    SMILING,
    STRANGE,
    SURE,
    WIFE,
    WITHOUT,
)

pytestmark = pytest.mark.browser


def test_a_question_is_answered_with_what_was_understood_and_how_sure_it_is(page, ask):
    card = ask(DIRECTOR)
    expect(card.locator(".said")).to_have_text("《战狼2》的导演是吴京。")
    expect(card.locator(".values li")).to_have_text(["吴京"])
    expect(card.locator(".confidence")).to_have_text("置信度很高，99%")
    expect(card.locator(".understood > p")).to_have_text("问的是《战狼2》的导演")
    expect(card.locator(".mentions li")).to_have_text(["主体 战狼2 名字一致"])
    question = page.locator(".question")
    expect(question).to_contain_text("《战狼2")
    expect(question.locator("mark ruby")).to_have_text("战狼2主体")
    expect(page.locator("#announcer")).to_have_text("回答：《战狼2》的导演是吴京。 置信度很高 99%")
    expect(page.locator("#welcome")).to_be_hidden()


def test_the_sentence_behind_a_fact_is_shown_on_request(ask):
    card = ask(ROLE)
    sentence = card.get_by_text("吴京在流浪地球的饰演是刘培强。")
    expect(sentence).to_be_hidden()
    card.get_by_text("依据：1 条事实").click()
    expect(sentence).to_be_visible()
    expect(card.locator(".evidence .slot")).to_have_text(["作品 流浪地球"])
    expect(card.locator(".evidence .soft")).to_have_text("人工标注 · 共 1 句提到")


def test_a_follow_up_is_understood_from_the_conversation(page, ask):
    ask(DIRECTOR)
    card = ask(WIFE)
    expect(card.locator(".said")).to_have_text("吴京的妻子是谢楠。")
    expect(card.locator(".mentions li")).to_have_text(["主体 他 → 吴京 来自上文"])
    page.locator("#new").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#question")).to_be_focused()
    alone = ask(WIFE)
    expect(alone.locator(".status")).to_have_text("没听懂")


@pytest.mark.parametrize(
    ("question", "status", "answer"),
    [
        (NONSENSE, "不在图谱范围内", "这个问题问的不是图谱里的事实"),
        (MISSING, "图谱里没有", "不知道：图谱里没有“唐人街探案”这个名字。"),
        ("？！？", "没听懂", "没有听懂这个问题"),
    ],
)
def test_what_is_not_known_is_said_plainly(ask, question, status, answer):
    card = ask(question)
    expect(card.locator(".status")).to_have_text(status)
    expect(card.locator(".said")).to_contain_text(answer)
    expect(card.locator(".confidence, .values, .evidence, .graph")).to_have_count(0)


def test_what_is_not_sure_is_no_answer_but_a_candidate(ask):
    card = ask(FIRST)
    expect(card.locator(".status")).to_have_text("不能确定")
    expect(card.locator(".said")).to_contain_text("没有听懂：“第一部”（次序）")
    expect(card.locator(".candidates h3")).to_have_text("可能的答案，没有确认")
    expect(card.locator(".candidates li")).to_have_count(3)
    expect(card.locator(".told > .values")).to_have_count(0)
    without = ask(WITHOUT)
    expect(without.locator(".said")).to_contain_text("没有听懂：“不是”（否定）")
    expect(without.locator(".candidates, .confidence, .evidence, .graph")).to_have_count(0)


def test_another_question_is_offered_and_asked_by_its_button(page, ask):
    card = ask(SEQUEL)
    expect(card.locator(".said")).to_contain_text("您是不是要问《流浪地球》？")
    card.get_by_role("button", name="《流浪地球》是谁导演的？").click()
    expect(page.locator(".turn").last.locator(".said")).to_have_text("《流浪地球》的导演是郭帆。")


def test_the_empty_field_shows_a_question_of_this_graph(page):
    first = page.locator("#examples button").first.text_content()
    expect(page.locator("#question")).to_have_attribute("placeholder", f"例如：{first}")


def test_what_was_taken_for_something_else_is_said(ask):
    expect(ask(NEAR).locator(".mentions li")).to_have_text(["主体 战郎2 → 战狼2 相近的名字"])
    expect(ask(MISSING).locator(".mentions li")).to_have_text(["主体 唐人街探案 图谱里没有"])


def test_of_many_values_the_first_are_shown_and_the_others_on_request(ask):
    card = ask(SCRIPTS)
    shown = card.locator(".values li:visible")
    expect(shown).to_have_count(12)
    card.get_by_text("其余 28 个").click()
    expect(shown).to_have_count(40)


def test_a_number_and_a_yes_are_no_buttons(ask):
    expect(ask(COUNT).locator(".values span")).to_have_text(["3"])
    expect(ask(SURE).locator(".values span")).to_have_text(["是"])


def test_slots_are_marked_where_they_stand_behind_characters_of_two_units(page, ask):
    ask(SMILING)
    expect(page.locator(".question mark ruby")).to_have_text("战狼2主体")


def test_a_name_that_looks_like_a_program_is_just_text(page, ask):
    card = ask(STRANGE)
    expect(card.locator(".said")).to_contain_text(f"{SCRIPT}的导演是吴京。")
    expect(page.locator(".question")).to_contain_text(SCRIPT)
    card.locator(".values button").click()
    card.locator(".listed summary").click()
    expect(card.locator(".vertices").get_by_text(SCRIPT)).to_be_visible()
    expect(card.locator(".about")).to_contain_text(SCRIPT)
    expect(page).to_have_title("知识图谱问答")
    assert page.locator("main script, form script").count() == 0


def test_the_question_stands_there_and_is_waited_for(page):
    page.route("**/api/ask", lambda route: None)
    with page.expect_request("**/api/ask"):
        page.locator("#question").fill(DIRECTOR)
        page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text(DIRECTOR)
    expect(page.locator(".waiting")).to_have_text("正在图谱里查找……")
    page.locator("#question").fill(WIFE)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator("#question")).to_have_value(WIFE)
    page.locator("#new").click()
    page.unroute("**/api/ask")
    expect(asked(page, DIRECTOR).locator(".said")).to_have_text("《战狼2》的导演是吴京。")


def test_an_example_is_asked_by_its_button(page):
    examples = page.locator("#examples button")
    expect(examples).to_have_count(6)
    text = examples.first.text_content()
    examples.first.click()
    expect(page.locator(".turn .card.answered")).to_be_visible()
    # Read without what stands above the marked slots.
    assert page.evaluate("() => { document.querySelectorAll('rt').forEach((one) => one.remove()); }") is None
    expect(page.locator(".question")).to_have_text(text)


def test_thumbs_are_kept_with_the_question(page, ask, site):
    card = ask(DIRECTOR)
    card.get_by_role("button", name="有帮助").click()
    expect(card.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".feedback")).to_have_text("谢谢，已记下")
    card.get_by_role("button", name="不对").click()
    expect(card.get_by_role("button", name="不对")).to_have_attribute("aria-pressed", "true")
    expect(card.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "false")
    kept = [json.loads(line) for line in (site.log / "feedback.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["question"], one["verdict"]) for one in kept[-2:]] == [(DIRECTOR, "up"), (DIRECTOR, "down")]


def test_shift_enter_starts_a_line_and_the_button_sends(page):
    field = page.locator("#question")
    field.fill("战狼2")
    page.keyboard.press("Shift+Enter")
    expect(field).to_have_value("战狼2\n")
    expect(page.locator(".turn")).to_have_count(0)
    field.fill(DIRECTOR)
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".card.answered")).to_be_visible()
    expect(field).to_have_value("")


def test_the_enter_that_ends_a_word_of_an_input_method_sends_nothing(page):
    page.locator("#question").focus()
    page.evaluate("addEventListener('keydown', (event) => { window.composing = event.isComposing; })")
    typing = page.context.new_cdp_session(page)
    typing.send("Input.imeSetComposition", {"text": "战狼2", "selectionStart": 3, "selectionEnd": 3})
    page.keyboard.press("Enter")
    assert page.evaluate("window.composing") is True
    expect(page.locator(".turn")).to_have_count(0)


def test_more_than_128_characters_are_not_sent(page):
    field, count = page.locator("#question"), page.locator("#count")
    field.fill("😀" * 128)
    expect(count).to_have_text("128/128")
    field.fill("问" * 131)
    expect(count).to_have_text("超出 3 个字")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
    field.fill("  ")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(0)
