"""A question in, a reply out: every kind of question, on a graph that can be checked by eye."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def test_the_value_is_asked(ask):
    reply = ask("《战狼2》是谁导演的？", "list:导演/@value", {"subject": "战狼2"})
    assert reply.status == "answered"
    assert reply.values == ("吴京",)
    assert reply.answer == "《战狼2》的导演是吴京。"
    assert reply.confidence > 0.9
    assert reply.understood.intent == "list:导演/@value"
    assert reply.understood.text == "问的是《战狼2》的导演"
    (mention,) = reply.understood.mentions
    assert (mention.role, mention.text, mention.start, mention.end) == ("subject", "战狼2", 1, 4)
    assert (mention.name, mention.match) == ("战狼2", "exact")


def test_the_subject_is_asked(ask):
    reply = ask("吴京导演过哪些电影", "list:导演/subject", {"@value": "吴京"})
    assert set(reply.values) == {"战狼", "战狼2"}
    assert reply.answer in {"吴京导演的作品有《战狼》、《战狼2》。", "吴京导演的作品有《战狼2》、《战狼》。"}


@pytest.mark.parametrize(
    ("question", "label", "slots", "values", "answer"),
    [
        (
            "吴京在战狼里演谁", "list:饰演/@value", {"subject": "吴京", "inWork": "战狼"}, {"冷锋"},
            "吴京在《战狼》中饰演的角色是冷锋。",
        ),
        (
            "战狼里冷锋是谁演的", "list:饰演/subject", {"@value": "冷锋", "inWork": "战狼"}, {"吴京"},
            "在《战狼》中饰演冷锋的人是吴京。",
        ),
        ("战狼里有哪些角色", "list:饰演/@value", {"inWork": "战狼"}, {"冷锋", "龙小云"}, None),
        (
            "吴京演的刘培强是哪部电影里的", "list:饰演/inWork", {"subject": "吴京", "@value": "刘培强"}, {"流浪地球"},
            "吴京饰演刘培强的作品是《流浪地球》。",
        ),
        (
            "张曼玉哪年得的最佳女演员奖", "list:获奖/onDate", {"subject": "张曼玉", "@value": "最佳女演员奖"},
            {"2004年"},
            "张曼玉获得最佳女演员奖的时间是2004年（《清洁》，第57届）。",
        ),
        (
            "流浪地球在中国票房多少", "list:票房/@value", {"subject": "流浪地球", "inArea": "中国"}, {"46.55亿元"},
            "《流浪地球》在中国的票房是46.55亿元。",
        ),
    ],
)  # fmt: skip
def test_facts_with_several_slots(ask, question, label, slots, values, answer):
    reply = ask(question, label, slots)
    assert set(reply.values) == values
    assert answer is None or reply.answer == answer
    assert all(fact.slots for fact in reply.facts)


def test_a_slot_that_the_fact_does_not_have_is_not_passed_over(ask):
    reply = ask("吴京在攀登者里演谁", "list:饰演/@value", {"subject": "吴京", "inWork": "攀登者"})
    assert (reply.status, reply.values) == ("unknown", ())
    assert reply.answer == "不知道：图谱里没有吴京在《攀登者》中饰演的角色。"


def test_yes_and_no(ask):
    slots = {"subject": "战狼2", "@value": "吴京"}
    yes = ask("战狼2是不是吴京导演的", "yes_no:导演/@value", slots)
    assert (yes.values, yes.answer) == (("是",), "是的，《战狼2》的导演是吴京。")
    no = ask("谢楠的丈夫是不是郭帆", "yes_no:丈夫/@value", {"subject": "谢楠", "@value": "郭帆"})
    assert (no.values, no.answer) == (("不是",), "不是，谢楠的丈夫是吴京，不是郭帆。")
    assert no.confidence < yes.confidence
    assert [fact.object for fact in no.facts] == ["吴京"]
    slot = {"subject": "吴京", "@value": "冷锋", "inWork": "流浪地球"}
    assert ask("吴京在流浪地球里演的是冷锋吗", "yes_no:饰演/@value", slot).values == ("不是",)


def test_two_hops(ask):
    reply = ask("战狼2的导演的妻子是谁", "list:导演/@value>妻子/@value", {"subject": "战狼2"})
    assert (reply.values, reply.answer) == (("谢楠",), "《战狼2》的导演的妻子是谢楠。")
    assert [fact.predicate for fact in reply.facts] == ["导演", "妻子"]
    assert [vertex.name for vertex in reply.path.vertices] == ["战狼2", "吴京", "谢楠"]
    assert [vertex.asked for vertex in reply.path.vertices] == [False, False, True]
    films = ask("谢楠的丈夫导演过什么", "list:丈夫/@value>导演/subject", {"subject": "谢楠"})
    assert set(films.values) == {"战狼", "战狼2"}
    roles = ask("战狼2的导演演过哪些作品里的人", "list:导演/@value>饰演/inWork", {"subject": "战狼2"})
    assert set(roles.values) == {"战狼", "流浪地球"}
    number = ask("吴京导演的电影有几位主演", "count:导演/subject>主演/@value", {"@value": "吴京"})
    assert number.values == ("2",)
    through = ask("演刘培强的人的妻子是谁", "list:饰演/subject>妻子/@value", {"@value": "刘培强"})
    assert through.values == ("谢楠",)


def test_a_name_under_three_types_is_told_apart_by_the_predicate(ask):
    for predicate, value in (("作者", "余华"), ("导演", "张艺谋"), ("歌手", "李健")):
        assert ask(f"活着的{predicate}是谁", f"list:{predicate}/@value", {"subject": "活着"}).values == (value,)


def test_the_confidence_counts_what_was_extracted_for_less(ask):
    sure = ask("战狼的导演是谁", "list:导演/@value", {"subject": "战狼"})
    extracted = ask("余男的妻子是谁", "list:妻子/@value", {"subject": "余男"})
    assert extracted.facts[0].source == "extracted"
    assert extracted.confidence < sure.confidence


def test_threads_share_an_application(application, model):
    model.tell("战狼2的导演是谁", "list:导演/@value", {"subject": "战狼2"})
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(application.ask, ["战狼2的导演是谁"] * 200))
    assert {reply.values for reply in replies} == {("吴京",)}
