"""A question that is a name alone asks the same of that name."""

import pytest


def test_the_same_is_asked_of_another_name(ask, director, model):
    reply = ask("那《流浪地球》呢？", context=director.context)
    assert (reply.values, reply.understood.intent) == (("郭帆",), "list:导演/@value")
    assert model.asked == ["《战狼2》的导演是谁"]
    assert ask("攀登者呢", context=reply.context).values == ("李仁港",)


@pytest.mark.parametrize(
    "question",
    [
        "攀登者呢",
        "那攀登者呢？",
        "换成《攀登者》呢",
        "如果是攀登者呢",
        "再看看攀登者",
        "攀登者又如何",
        "那攀登者又是什么情况",
    ],
)
def test_a_question_that_is_a_name_and_nothing_that_asks(ask, director, question):
    assert ask(question, context=director.context).values == ("李仁港",)


def test_a_name_that_nobody_marked_comes_behind_what_the_conversation_is_about(ask, director):
    # 清华 is a name of the graph, and stands here for nothing.
    reply = ask("票房呢，清华知道吗", "list:票房/@value", context=director.context)
    assert reply.values == ("56.8亿",)


def test_a_name_of_another_kind_is_no_such_question(ask, director):
    reply = ask("谢楠呢", "list:国籍/@value", {"subject": "谢楠"}, context=director.context)
    assert reply.values == ("中国",)
