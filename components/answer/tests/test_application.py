"""A question in, a reply out: every kind of question, on a graph that can be checked by eye."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from ckgqa.graph.ids import edge_id, entity_id


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


def test_the_reply_is_the_contracts_json(ask):
    record = ask("《战狼2》是谁导演的", "list:导演/@value", {"subject": "战狼2"}).as_record()
    assert json.loads(json.dumps(record)) == json.loads(json.dumps(record, ensure_ascii=False))
    assert set(record) == {
        "question", "status", "answer", "values", "confidence", "understood", "facts", "path", "context",
    }  # fmt: skip
    assert record["facts"] == (
        {
            "subject": "战狼2", "predicate": "导演", "object": "吴京", "slots": {}, "source": "labelled", "score": 1.0,
            "count": 1, "evidence": ({"id": "train:2", "text": "战狼2的导演是吴京。"},),
        },
    )  # fmt: skip
    film, person = entity_id("战狼2"), entity_id("吴京")
    assert record["path"] == {
        "vertices": (
            {"id": film, "name": "战狼2", "types": ("影视作品",), "asked": False},
            {"id": person, "name": "吴京", "types": ("人物", "娱乐人物"), "asked": True},
        ),
        "edges": [{"id": edge_id("战狼2", "导演", "吴京"), "from": film, "to": person, "label": "导演"}],
    }
    assert len(record["context"]) <= 2000


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


def test_a_value_comes_with_what_its_other_slots_say(ask):
    reply = ask("张曼玉得过什么奖", "list:获奖/@value", {"subject": "张曼玉"})
    assert reply.answer == "张曼玉获得的奖项是最佳女演员奖（《清洁》，2004年，第57届）。"
    assert dict(reply.facts[0].slots) == {"inWork": "清洁", "onDate": "2004年", "period": "57"}
    assert ask("战狼2什么时候上映", "list:上映时间/@value", {"subject": "战狼2"}).answer == (
        "《战狼2》的上映时间是2017年7月27日（中国）。"
    )


def test_a_slot_that_the_fact_does_not_have_is_not_passed_over(ask):
    reply = ask("吴京在攀登者里演谁", "list:饰演/@value", {"subject": "吴京", "inWork": "攀登者"})
    assert (reply.status, reply.values) == ("unknown", ())
    assert reply.answer == "不知道：图谱里没有吴京在《攀登者》中饰演的角色。"


def test_counts(ask):
    reply = ask("吴京导演了几部电影", "count:导演/subject", {"@value": "吴京"})
    assert reply.values == ("2",)
    assert reply.answer.startswith("吴京导演的作品共有 2 部：《战狼")
    people = ask("战狼有几位主演", "count:主演/@value", {"subject": "战狼"})
    assert people.answer in {"《战狼》的主演共有 2 位：吴京、余男。", "《战狼》的主演共有 2 位：余男、吴京。"}
    roles = ask("吴京一共演过几个角色", "count:饰演/@value", {"subject": "吴京"})
    assert roles.values == ("3",)


def test_yes_and_no(ask):
    slots = {"subject": "战狼2", "@value": "吴京"}
    yes = ask("战狼2是不是吴京导演的", "yes_no:导演/@value", slots)
    assert (yes.values, yes.answer) == (("是",), "是的，《战狼2》的导演是吴京。")
    no = ask("战狼2是不是郭帆导演的", "yes_no:导演/@value", {"subject": "战狼2", "@value": "郭帆"})
    assert (no.values, no.answer) == (("不是",), "不是，《战狼2》的导演是吴京，不是郭帆。")
    assert no.confidence < yes.confidence
    assert [fact.object for fact in no.facts] == ["吴京"]
    slot = {"subject": "吴京", "@value": "冷锋", "inWork": "流浪地球"}
    assert ask("吴京在流浪地球里演的是冷锋吗", "yes_no:饰演/@value", slot).values == ("不是",)


def test_no_is_said_from_the_other_side_too_and_not_without_knowing_anything(ask):
    other = ask("谢楠是郭帆的妻子吗", "yes_no:妻子/@value", {"@value": "谢楠", "subject": "郭帆"})
    assert (other.values, other.answer) == (("不是",), "不是，妻子是谢楠的有吴京。")
    nothing = ask("郭帆是李健的妻子吗", "yes_no:妻子/@value", {"@value": "郭帆", "subject": "李健"})
    assert (nothing.status, nothing.answer) == ("unknown", "不知道：图谱里没有说李健的妻子是不是郭帆。")


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


def test_the_graph_decides_between_likely_readings(ask):
    question = "红楼梦是谁的作品"
    reply = ask(question, "list:导演/@value", {"subject": "红楼梦"}, {"list:作者/@value": 0.46}, p=0.52)
    assert set(reply.values) == {"曹雪芹", "高鹗"}
    assert reply.understood.intent == "list:作者/@value"
    spouse = ask("谢楠的配偶是谁", "list:妻子/@value", {"subject": "谢楠"}, {"list:丈夫/@value": 0.49}, p=0.5)
    assert spouse.values == ("吴京",)
    assert spouse.confidence < 0.9


def test_an_unlikely_reading_is_not_looked_up(ask):
    reply = ask("红楼梦是谁导演的", "list:导演/@value", {"subject": "红楼梦"}, {"list:作者/@value": 0.005})
    assert (reply.status, reply.answer) == ("unknown", "不知道：图谱里没有《红楼梦》的导演。")


def test_a_name_under_three_types_is_told_apart_by_the_predicate(ask):
    for predicate, value in (("作者", "余华"), ("导演", "张艺谋"), ("歌手", "李健")):
        assert ask(f"活着的{predicate}是谁", f"list:{predicate}/@value", {"subject": "活着"}).values == (value,)


def test_roles_that_do_not_go_with_the_direction_are_repaired_and_the_graph_decides(ask):
    # The mention is marked as what is asked for; both other ways make sense, and one of them is true.
    wrong_role = ask("吴京是谁的老公", "list:妻子/@value", {"@value": "吴京"})
    assert wrong_role.values == ("谢楠",)
    turned = ask("吴京导演了啥", "list:导演/@value", {"@value": "吴京"})
    assert set(turned.values) == {"战狼", "战狼2"}
    assert turned.understood.intent == "list:导演/subject"
    twice = ask("战狼2是不是吴京导演的？", "yes_no:导演/@value", [("subject", "战狼2"), ("subject", "吴京")])
    assert twice.values == ("是",)
    assert turned.confidence < 0.9


def test_a_mention_that_the_model_missed_is_found(ask):
    assert ask("谁是战狼2的导演", "list:导演/@value").values == ("吴京",)
    assert ask("战狼2的导演是不是吴京", "yes_no:导演/@value", {"subject": "战狼2"}).values == ("是",)


def test_a_name_that_stands_there_unmarked_narrows_a_question_that_gives_a_slot_alone(ask):
    reply = ask("张曼玉2004年得了什么奖", "list:获奖/@value", {"onDate": "2004年"})
    assert reply.values == ("最佳女演员奖",)
    assert {mention.name for mention in reply.understood.mentions} == {"2004年", "张曼玉"}


def test_a_claim_about_a_work_is_answered_by_the_right_work(ask):
    slots = {"subject": "吴京", "@value": "刘培强", "inWork": "战狼"}
    reply = ask("吴京在战狼里演刘培强吗", "yes_no:饰演/@value", slots)
    assert reply.answer == "不是，吴京在《战狼》中饰演的角色是冷锋，不是刘培强。"
    slots = {"subject": "吴京", "@value": "刘培强", "inWork": "攀登者"}
    reply = ask("吴京在攀登者里演刘培强吗", "yes_no:饰演/@value", slots)
    assert reply.answer == "不是，吴京饰演刘培强的作品是《流浪地球》。"


def test_an_intent_that_the_graph_has_no_edge_for_is_said_plainly(ask):
    reply = ask("战狼2的编剧是谁", "list:编剧/@value", {"subject": "战狼2"})
    assert (reply.status, reply.values, reply.confidence) == ("unknown", (), 0.0)
    assert reply.answer == "不知道：图谱里没有《战狼2》的编剧。"
    assert reply.understood.text == "问的是《战狼2》的编剧"


def test_a_name_that_is_not_there_is_named(ask):
    reply = ask("《唐人街探案》的导演是谁", "list:导演/@value", {"subject": "唐人街探案"})
    assert (reply.status, reply.answer) == ("unknown", "不知道：图谱里没有“唐人街探案”这个名字。")
    assert reply.understood.text == "问的是“唐人街探案”的导演"
    assert [(one.text, one.name, one.match) for one in reply.understood.mentions] == [("唐人街探案", "", "unknown")]


def test_an_unknown_slot_is_no_reason_to_ask_without_it(ask):
    reply = ask("吴京在唐人街探案里演谁", "list:饰演/@value", {"subject": "吴京", "inWork": "唐人街探案"})
    assert (reply.status, reply.values) == ("unknown", ())


def test_near_names_are_answered_and_said_so(ask):
    reply = ask("战郎2的导演是谁", "list:导演/@value", {"subject": "战郎2"})
    assert reply.values == ("吴京",)
    assert reply.answer == "没有“战郎2”，按“战狼2”回答：《战狼2》的导演是吴京。"
    assert reply.understood.mentions[0].match == "fuzzy"
    sequel = ask("战狼3的导演是谁", "list:导演/@value", {"subject": "战狼3"})
    assert sequel.status == "unknown"


def test_a_question_outside_the_schema(ask):
    reply = ask("明天会下雨吗", "outside")
    assert (reply.status, reply.values, reply.confidence) == ("outside", (), 0.0)
    assert reply.answer.startswith("这个问题问的不是图谱里的事实")


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


def test_a_lone_name_in_a_role_that_the_predicate_lacks_is_the_subject(ask):
    assert ask("战狼2是谁导演的", "list:导演/@value", {"inWork": "战狼2"}).values == ("吴京",)
