"""Follow-up questions, and the context that carries a conversation."""

import base64
import hashlib
import hmac
import json

import itsdangerous
import pytest
from ckgqa_answer.dialogue.context import MAX_CHARS, ContextCodec, Conversation
from ckgqa_answer.understanding.coreference import antecedents, find_pronouns

from ckgqa.runtime.errors import InputError


@pytest.fixture
def director(ask):
    """The director of 战狼2 was asked for, and is 吴京."""
    return ask("《战狼2》的导演是谁", "list:导演/@value", {"subject": "战狼2"})


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


def test_what_points_is_a_pronoun_whatever_it_calls_the_thing(ask):
    films = ask("2017-07-27上映的是什么", "list:上映时间/subject", {"@value": "2017-07-27"})
    reply = ask("那个日子还上映了什么", "list:上映时间/subject", {"@value": "那个日子"}, context=films.context)
    assert reply.values == ("战狼2",)


def test_another_name_of_the_same_is_no_new_thing_to_talk_of(ask):
    short = ask("清华大学的简称是什么", "list:简称/@value", {"subject": "清华大学"})
    assert short.values == ("清华",)
    reply = ask("它的校长是谁", "list:校长/@value", {"subject": "它"}, context=short.context)
    assert reply.understood.mentions[0].name == "清华大学"


def test_a_name_of_another_kind_is_no_such_question(ask, director):
    reply = ask("谢楠呢", "list:国籍/@value", {"subject": "谢楠"}, context=director.context)
    assert reply.values == ("中国",)


def test_without_a_conversation_a_pronoun_is_nobody(ask):
    reply = ask("他的妻子呢？", "list:妻子/@value", {"subject": "他"})
    assert (reply.status, reply.answer) == ("unclear", "不知道“他”指的是谁或什么，请在问题里说出名字。")
    nobody = ask("妻子呢？", "list:妻子/@value")
    assert (nobody.status, nobody.answer) == ("unclear", "没有听出问的是谁或什么，请在问题里说出名字。")
    assert ask("吴京").answer == "想知道“吴京”的什么？例如“吴京的导演是谁”或“吴京的妻子是谁”。"


def test_a_conversation_survives_what_is_not_understood_and_what_is_not_known(ask, director):
    lost = ask("？？？", context=director.context)
    assert (lost.status, lost.context) == ("unclear", director.context)
    nothing = ask("它的编剧是谁", "list:编剧/@value", {"subject": "它"}, context=director.context)
    assert nothing.status == "unknown"
    again = ask("它的票房呢", "list:票房/@value", {"subject": "它"}, context=nothing.context)
    assert again.values == ("56.8亿",)


def _forged(record, key="ckgqa", purpose="conversation"):
    return _signed(json.dumps(record), key, purpose)


def _signed(content, key="ckgqa", purpose="conversation"):
    signer = itsdangerous.Signer(key, salt=purpose, key_derivation="hmac", digest_method=hashlib.sha256)
    return signer.sign(base64.urlsafe_b64encode(content.encode()).rstrip(b"=")).decode()


def _of_version_1(record):
    """Encode a context as version 1 did."""
    body = base64.urlsafe_b64encode(json.dumps(record).encode()).decode()
    seal = hmac.new(b"ckgqa", f"conversation\n{body}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{body}.{seal}"


NESTED = "[" * 700 + "]" * 700
GOOD = {"v": 2, "i": "list:导演/@value", "g": {"subject": ["战狼2"]}, "f": ["吴京"], "c": True}


def test_a_forged_context_is_rejected(ask, director):
    body, _, signature = director.context.partition(".")
    wrong = [
        "x", "吴京", ".", director.context[:-1], f"{body[:-4]}AAAA.{signature}", f"{body}.{'0' * 32}", body,
        _forged(GOOD, "another key"), _forged(GOOD, purpose="receipt"), _forged(GOOD | {"v": 3}),
        _forged(GOOD | {"v": 1}), _of_version_1(GOOD | {"v": 1}), _forged(GOOD | {"i": "list:"}), _forged([]),
        _forged(GOOD | {"f": ["x" * 101]}), _forged(GOOD | {"f": "吴京"}), _forged(GOOD | {"g": []}),
        _forged(GOOD | {"f": ["吴"] * 9}), _forged({}), _forged(GOOD | {"c": 1}), f"!!!.{signature}",
        # Anybody can sign with the public default key: deep nesting, half a character, no JSON.
        _signed("[" * 1400), _signed('{"i":' * 290), _signed("x"),
        _signed(f'{{"v":2,"g":{{}},"f":[],"c":true,"i":{NESTED}}}'),
        _forged(GOOD | {"f": ["\ud83d"]}), _forged(GOOD | {"g": {"subject": ["\ud83d"]}}),
    ]  # fmt: skip
    for context in wrong:
        with pytest.raises(InputError, match="context is not one that this service gave"):
            ask("他的妻子呢？", context=context)
    assert ask("他的妻子呢？", "list:妻子/@value", {"subject": "他"}, context=_forged(GOOD)).values == ("谢楠",)


def test_an_oversized_context_is_refused(ask):
    with pytest.raises(InputError, match="has 2001 characters; at most 2000 are allowed"):
        ask("他的妻子呢？", context="x" * 2001)


def test_a_context_is_never_too_long_and_names_that_do_not_fit_are_left_out():
    contexts = ContextCodec("secret")
    long = tuple(f"{number}{'名' * 98}" for number in range(8))
    text = contexts.encode(Conversation("list:主演/@value", {"subject": ("战狼",)}, long))
    assert len(text) <= MAX_CHARS
    read = contexts.decode(text)
    assert read.answers == long[: len(read.answers)]
    assert 0 < len(read.answers) < 8
    assert not read.complete
    assert contexts.decode(contexts.encode(Conversation("outside", {}, ("名" * 101,)))).answers == ()
    with pytest.raises(InputError):
        ContextCodec("another secret").decode(text)


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
