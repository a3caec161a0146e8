"""What is not sure to be the answer is not given as one: unused names, qualifiers and low confidence."""

import pytest
from ckgqa_answer.application import Application
from ckgqa_answer.confidence.calibration import Calibration
from ckgqa_answer.linking.sentences import SentenceStore

FILMS = "list:导演/subject"


@pytest.mark.parametrize("joined", ["和", "跟", "与", "、", "以及", "同"])
def test_a_name_that_no_role_uses_is_said(ask, joined):
    question = f"吴京{joined}张艺谋都导演过什么电影"
    # Both marked in one role, the second one alone, or none but the first.
    for marked in ([("@value", "吴京"), ("@value", "张艺谋")], [("@value", "吴京")]):
        reply = ask(question, FILMS, marked)
        assert (reply.status, reply.values) == ("unsure", ())
        assert set(reply.candidates) == {"战狼", "战狼2"}
        assert reply.answer.startswith("没有用到：张艺谋。所以没有回答。不考虑它的话：吴京导演的作品有")


def test_a_mention_that_is_a_list_of_names_is_each_of_them(ask):
    reply = ask("吴京和张艺谋导演过什么", FILMS, {"@value": "吴京和张艺谋"})
    assert (reply.status, reply.values) == ("unsure", ())
    assert "没有用到：" in reply.answer


def test_a_name_counts_though_nobody_marked_it(ask):
    film = ask("吴京在流浪地球里演过什么电影", "list:主演/subject", {"@value": "吴京"})
    assert (film.status, set(film.candidates)) == ("unsure", {"战狼", "战狼2", "流浪地球", "攀登者"})
    assert "没有用到：流浪地球" in film.answer
    # What every fact of the answer states is used after all.
    award = ask("张曼玉凭哪部电影拿到最佳女演员奖", "list:获奖/inWork", {"subject": "张曼玉"})
    assert (award.status, award.values) == ("answered", ("清洁",))
    assert ask("张曼玉2004年得了什么奖", "list:获奖/@value", {"subject": "张曼玉"}).status == "answered"
    assert ask("张曼玉2005年得了什么奖", "list:获奖/@value", {"subject": "张曼玉"}).status == "unsure"
    title = ask("吴京在《没有这部》里演谁", "list:饰演/@value", {"subject": "吴京"})
    assert (title.status, title.values) == ("unsure", ())
    assert "没有用到：没有这部" in title.answer
    # A predicate, a question word or a type is no name.
    assert ask("电影战狼2的导演是谁", "list:导演/@value", {"subject": "战狼2"}).status == "answered"


def test_two_names_in_two_roles_are_both_used(ask):
    both = ask("吴京在战狼里演谁", "list:饰演/@value", {"subject": "吴京", "inWork": "战狼"})
    assert (both.status, both.values) == ("answered", ("冷锋",))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("除了战狼，吴京还导演过什么", "没有听懂：“除了”（排除）"),
        ("吴京导演的第一部电影是什么", "没有听懂：“第一部”（次序）"),
        ("吴京最新的电影是哪部", "没有听懂：“最新”（比较最高级）"),
        ("2017年吴京导演了什么", "没有听懂：“2017年”（时间）"),
        ("吴京2015年导演了什么", "没有听懂：“2015年”（时间）"),
        ("吴京2004年导演了什么", "没有听懂：“2004年”（时间）"),  # a year that the graph knows
        ("吴京只导演过什么", "没有听懂：“只”（限定）"),
    ],
)
def test_a_qualifier_is_said_and_the_rest_is_a_candidate(ask, question, words):
    reply = ask(question, FILMS, {"@value": "吴京"})
    assert (reply.status, reply.values) == ("unsure", ())
    assert set(reply.candidates) == {"战狼", "战狼2"}
    assert words in reply.answer
    assert [fact.predicate for fact in reply.facts] == ["导演", "导演"]


@pytest.mark.parametrize("question", ["哪些电影不是吴京导演的", "吴京没导演过哪些电影", "哪部电影并非吴京导演"])
def test_a_negated_question_has_no_candidates(ask, question):
    reply = ask(question, FILMS, {"@value": "吴京"})
    assert (reply.status, reply.values, reply.candidates, reply.facts) == ("unsure", (), (), ())
    assert reply.confidence == 0.0
    assert "（否定）。所以没有回答。" in reply.answer


def test_a_slot_that_was_understood_is_no_qualifier(ask):
    slots = {"subject": "张曼玉", "onDate": "2004年"}
    reply = ask("张曼玉2004年得了什么奖", "list:获奖/@value", slots)
    assert (reply.status, reply.values) == ("answered", ("最佳女演员奖",))


def test_an_answer_below_the_threshold_is_a_candidate(model, graph, lexicon, index):
    model.tell("战狼2的导演是谁", "list:导演/@value", {"subject": "战狼2"}, p=0.3)
    for threshold, status, values, candidates in (
        (0.0, "answered", ("吴京",), ()),
        (0.99, "unsure", (), ("吴京",)),
    ):
        calibration = Calibration(unsure_below=threshold)
        asked = Application(model, graph, lexicon, SentenceStore(index), calibration=calibration)
        reply = asked.ask("战狼2的导演是谁")
        assert (reply.status, reply.values, reply.candidates) == (status, values, candidates)
        assert reply.confidence > 0
    assert reply.answer == "不能确定。可能的答案：《战狼2》的导演是吴京。"
    assert [fact.object for fact in reply.facts] == ["吴京"]


def test_a_question_that_was_not_understood_is_not_repeated(ask):
    unsure = ask("哪些电影不是吴京导演的", FILMS, {"@value": "吴京"})
    for follow_up in ("都有哪些", "那郭帆呢"):
        reply = ask(follow_up, FILMS, context=unsure.context, p=0.1)
        assert reply.status != "answered"


def test_what_was_not_understood_is_said_where_nothing_is_known_too(ask):
    reply = ask("哪些电影不是谢楠导演的", FILMS, {"@value": "谢楠"})
    assert (reply.status, reply.candidates) == ("unsure", ())
    assert "没有听懂：“不是”（否定）" in reply.answer


def test_the_most_of_one_value_selects_nothing(ask):
    reply = ask("吴京最早是哪国国籍", "list:国籍/@value", {"subject": "吴京"})
    assert (reply.status, reply.values) == ("answered", ("中国",))


@pytest.mark.parametrize(
    "question", ["吴京或者张艺谋导演过什么", "吴京先生和张艺谋导演过什么", "吴京和导演张艺谋导演过什么"]
)
def test_names_are_joined_over_words_beside_them(ask, question):
    reply = ask(question, FILMS, {"@value": "吴京"})
    assert (reply.status, "没有用到：张艺谋" in reply.answer) == ("unsure", True)


def test_a_title_is_a_name_whatever_it_says(ask):
    reply = ask("吴京在《歌手》里演谁", "list:饰演/@value", {"subject": "吴京"})
    assert (reply.status, reply.values) == ("unsure", ())


def test_a_conversation_goes_on_from_what_an_unsure_question_was_about(ask):
    unsure = ask("吴京最新的电影是哪部", FILMS, {"@value": "吴京"})
    reply = ask("他的妻子呢", "list:妻子/@value", {"subject": "他"}, context=unsure.context)
    assert reply.values == ("谢楠",)
