"""Pronouns, and names that a question leaves out, stand for what the conversation is about."""

import pytest
from ckgqa_answer.dialogue.context import Conversation
from ckgqa_answer.understanding.coreference import antecedents, find_pronouns


@pytest.mark.parametrize(
    ("question", "label", "slots", "values"),
    [
        ("他的妻子呢？", "list:妻子/@value", {"subject": "他"}, {"谢楠"}),
        ("他还导演过什么", "list:导演/subject", {"@value": "他"}, {"战狼", "战狼2"}),
        ("它的票房呢", "list:票房/@value", {"subject": "它"}, {"56.8亿"}),
        ("这部电影的主演有谁", "list:主演/@value", {"subject": "这部电影"}, {"吴京"}),
        ("那部戏是谁主演的", "list:主演/@value", {"subject": "那部戏"}, {"吴京"}),
        # The model did not mark the pronoun, and there is none at all: the graph decides who is meant.
        ("他的国籍呢", "list:国籍/@value", {}, {"中国"}),
        ("妻子呢？", "list:妻子/@value", {}, {"谢楠"}),
        ("票房呢", "list:票房/@value", {}, {"56.8亿"}),
        ("他在战狼里演谁", "list:饰演/@value", {"subject": "他", "inWork": "战狼"}, {"冷锋"}),
        ("他是谢楠的丈夫吗", "yes_no:丈夫/@value", {"@value": "他", "subject": "谢楠"}, {"是"}),
    ],
)
def test_what_was_said_before_is_what_is_meant(ask, director, question, label, slots, values):
    reply = ask(question, label, slots, context=director.context)
    assert set(reply.values) == values
    assert "context" in {mention.match for mention in reply.understood.mentions}


def test_a_conversation_goes_on(ask, director):
    wife = ask("他的妻子呢？", "list:妻子/@value", {"subject": "他"}, context=director.context)
    assert wife.answer == "吴京的妻子是谢楠。"
    country = ask("她的国籍呢？", "list:国籍/@value", {"subject": "她"}, context=wife.context)
    assert country.answer == "谢楠的国籍是中国。"
    # 他 cannot be the wife.
    husband = ask("他导演过什么？", "list:导演/subject", {"@value": "他"}, context=wife.context)
    assert set(husband.values) == {"战狼", "战狼2"}


def test_all_that_was_found_is_meant_by_they(ask):
    actors = ask("战狼的主演有谁", "list:主演/@value", {"subject": "战狼"})
    reply = ask("他们演了谁", "list:饰演/@value", {"subject": "他们"}, context=actors.context)
    assert set(reply.values) == {"冷锋", "龙小云", "刘培强", "方五洲"}
    assert reply.understood.mentions[0].name == "、".join(actors.values)


def test_what_points_is_a_pronoun_whatever_it_calls_the_thing(ask):
    films = ask("2017-07-27上映的是什么", "list:上映时间/subject", {"@value": "2017-07-27"})
    reply = ask("那个日子还上映了什么", "list:上映时间/subject", {"@value": "那个日子"}, context=films.context)
    assert reply.values == ("战狼2",)


def test_another_name_of_the_same_is_no_new_thing_to_talk_of(ask):
    short = ask("清华大学的简称是什么", "list:简称/@value", {"subject": "清华大学"})
    assert short.values == ("清华",)
    reply = ask("它的校长是谁", "list:校长/@value", {"subject": "它"}, context=short.context)
    assert reply.understood.mentions[0].name == "清华大学"


def test_without_a_conversation_a_pronoun_is_nobody(ask):
    reply = ask("他的妻子呢？", "list:妻子/@value", {"subject": "他"})
    assert (reply.status, reply.answer) == ("unclear", "不知道“他”指的是谁或什么，请在问题里说出名字。")
    nobody = ask("妻子呢？", "list:妻子/@value")
    assert (nobody.status, nobody.answer) == ("unclear", "没有听出问的是谁或什么，请在问题里说出名字。")
    assert ask("吴京").answer == "想知道“吴京”的什么？例如：吴京的妻子是谁？吴京的国籍是哪个国家？"


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("他的妻子", ["他"]),
        ("她们的国籍", ["她们"]),
        ("这部电影和那首歌", ["这部电影", "那首歌"]),
        ("该公司的董事长", ["该公司"]),
        ("这些电影是谁导演的", ["这些电影"]),
        ("该校的校长", ["该校"]),
        ("他们公司的董事长", ["他们公司"]),
        ("这位是哪国人", ["这位"]),
        ("这档节目在那里播吗", ["这档节目", "那里"]),
        ("战狼的导演是谁", []),
        # Then the host: no pronoun.
        ("那主持人呢", []),
    ],
)
def test_pronouns_are_found(question, texts):
    assert [pronoun.text for pronoun in find_pronouns(question)] == texts


def test_a_pronoun_stands_for_what_is_of_its_kind(lexicon):
    conversation = Conversation("list:导演/@value", {"subject": ("战狼2",)}, ("吴京",))
    (film,) = find_pronouns("这部电影")
    assert [one.names for one in antecedents(film, conversation, lexicon)] == [("战狼2",)]
    (person,) = find_pronouns("他")
    assert [one.names for one in antecedents(person, conversation, lexicon)] == [("吴京",)]
