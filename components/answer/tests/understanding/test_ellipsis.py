"""A question that is a name alone asks the same of that name."""

import time

import pytest
from ckgqa_answer.understanding.ellipsis import is_listing


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


@pytest.mark.parametrize(
    "question",
    [
        "都有哪些",
        "都有哪些？",
        "分别是谁",
        "分别是什么呢",
        "有哪些呢",
        "具体是哪几部",
        "都是什么",
        "请列出来",
        "那是谁呢",
        "说说都有哪些吧",
        "都是哪些电影",
        "都有哪些作品呢",
        "哪两部",
        "分别是哪三部",
        "列个清单",
        "列出来看看",
        "都有哪些呢？谢谢",
        "依次是哪些",
        "详细说说都有哪些",
    ],
)
def test_after_a_count_its_list_is_asked_without_the_model(ask, model, question):
    count = ask("吴京导演了几部电影", "count:导演/subject", {"@value": "吴京"})
    reply = ask(question, context=count.context)
    assert (set(reply.values), reply.understood.intent) == ({"战狼", "战狼2"}, "list:导演/subject")
    assert model.asked == ["吴京导演了几部电影"]


def test_after_a_claim_the_list_leaves_out_what_was_claimed(ask):
    claim = ask("战狼的主演是吴京吗", "yes_no:主演/@value", {"subject": "战狼", "@value": "吴京"})
    assert set(ask("都有谁", context=claim.context).values) == {"吴京", "余男"}


def test_a_question_without_a_name_keeps_the_intent_unless_another_is_clearly_likelier(ask):
    count = ask("吴京导演了几部电影", "count:导演/subject", {"@value": "吴京"})
    kept = ask("那么到底导了哪些呢", "list:主演/subject", p=0.19, context=count.context)
    assert (set(kept.values), kept.understood.intent) == ({"战狼", "战狼2"}, "list:导演/subject")
    assert kept.confidence < ask("都有哪些", context=count.context).confidence
    other = ask("主演的作品有哪些", "list:主演/subject", p=0.6, context=count.context)
    assert (set(other.values), other.understood.intent) == (
        {"战狼", "战狼2", "流浪地球", "攀登者"},
        "list:主演/subject",
    )


def test_without_a_conversation_there_is_nothing_to_list(ask):
    assert ask("都有哪些", "list:导演/subject").status == "unclear"


@pytest.mark.parametrize("question", ["哪个公司出的？", "首都是哪", "哪部电影", "什么", "说"])
def test_a_question_that_asks_for_something_else_is_no_listing(question):
    assert not is_listing(question)


@pytest.mark.parametrize("question", ["说" * 120 + "演", "问" * 120 + "演战狼", "列出来" * 40 + "演"])
def test_repeated_words_take_no_time(ask, director, question):
    started = time.perf_counter()
    ask(question, "outside", context=director.context)
    assert time.perf_counter() - started < 5.0
