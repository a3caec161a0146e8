"""Qualifiers are found, kind by kind; names and phrases that look like them are not."""

import pytest
from ckgqa_answer.understanding.qualifiers import find_qualifiers


def found(question, *names, asks_whether=False):
    spans = [(question.index(name), question.index(name) + len(name)) for name in names]
    return [(each.kind, each.text) for each in find_qualifiers(question, spans, asks_whether=asks_whether)]


@pytest.mark.parametrize(
    ("question", "names", "expected"),
    [
        ("哪些电影不是冯小刚导演的", ["冯小刚"], [("negation", "不是")]),
        ("吴京没演过哪些电影", ["吴京"], [("negation", "没")]),
        ("谁没有演战狼", ["战狼"], [("negation", "没有")]),
        ("哪些歌并非周杰伦演唱", ["周杰伦"], [("negation", "并非")]),
        ("吴京从未演过什么", ["吴京"], [("negation", "从未")]),
        ("哪些人不在战狼里", ["战狼"], [("negation", "不在")]),
        ("除了战狼，吴京还导演过什么", ["战狼", "吴京"], [("exception", "除了")]),
        ("除战狼外吴京导演过什么", ["战狼", "吴京"], [("exception", "除")]),
        ("吴京以外谁演了战狼", ["吴京", "战狼"], [("exception", "以外")]),
        ("吴京的其他电影", ["吴京"], [("exception", "其他")]),
        ("成龙的第一部电影", ["成龙"], [("ordinal", "第一部")]),
        ("王菲的第二任丈夫是谁", ["王菲"], [("ordinal", "第二任")]),
        ("吴京的首部电影", ["吴京"], [("ordinal", "首部")]),
        ("周杰伦最早的专辑是哪张", ["周杰伦"], [("superlative", "最早")]),
        ("票房最高的电影是哪部", [], [("superlative", "最高")]),
        ("最年轻的导演是谁", [], [("superlative", "最年轻")]),
        ("2010年冯小刚导演了什么", ["冯小刚"], [("time", "2010年")]),
        ("张艺谋2000年以后导演的电影", ["张艺谋"], [("time", "2000年以后")]),
        ("冯小刚在90年代拍了什么", ["冯小刚"], [("time", "90年代")]),
        ("二〇一〇年冯小刚导演了什么", ["冯小刚"], [("time", "二〇一〇年")]),
        ("冯小刚去年导演了什么", ["冯小刚"], [("time", "去年")]),
        ("吴京最近演了什么", ["吴京"], [("time", "最近")]),
        ("票房超过10亿的电影", [], [("comparison", "超过")]),
        ("吴京比谢楠大几岁", ["吴京", "谢楠"], [("comparison", "比谢楠大")]),
        ("吴京只演过哪部电影", ["吴京"], [("restriction", "只演")]),
        ("吴京唯一的电影是什么", ["吴京"], [("restriction", "唯一")]),
        (
            "2010年除了战狼吴京没演过什么",
            ["战狼", "吴京"],
            [("time", "2010年"), ("exception", "除了"), ("negation", "没")],
        ),
    ],
)
def test_each_kind_is_recognized(question, names, expected):
    assert found(question, *names) == expected


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("不能说的秘密的导演是谁", ["不能说的秘密"]),
        ("除了爱的主演有谁", ["除了爱"]),
        ("1973年的弹子球是谁写的", ["1973年的弹子球"]),
        ("第一次亲密接触的作者", ["第一次亲密接触"]),
        ("最好的我们的主演", ["最好的我们"]),
        ("你知不知道战狼的导演", ["战狼"]),
        ("我不知道战狼的导演是谁", ["战狼"]),
        ("记不清了，战狼谁导演的来着", ["战狼"]),
        ("查不到战狼的导演，求告知", ["战狼"]),
        ("不好意思，战狼的导演是谁", ["战狼"]),
        ("战狼是不是吴京导演的", ["战狼", "吴京"]),
        ("翁虹有没有演过加油网球王子", ["翁虹", "加油网球王子"]),
        ("末日归途是戴金垸导演的不", ["末日归途", "戴金垸"]),
        ("他得过什么奖没有？", []),
        ("战狼的导演是吴京，没错吧", ["战狼", "吴京"]),
        ("西门子最早是由谁建立的？", ["西门子"]),
        ("张曼玉第几届得的奖", ["张曼玉"]),
        ("特别火的那首歌叫什么", []),
        ("苏轼的别号是什么", ["苏轼"]),
        ("苏轼除了名和字还有什么号", ["苏轼"]),
    ],
)
def test_names_and_phrases_are_no_qualifiers(question, names):
    assert found(question, *names) == []


def test_isnt_it_is_no_negation_in_a_question_of_yes_or_no():
    assert found("战狼不是吴京导演的吗？", "战狼", "吴京", asks_whether=True) == []
    assert found("难道战狼不是吴京导演的吗", "战狼", "吴京", asks_whether=True) == []
    assert found("吴京没有演过战狼吗", "战狼", "吴京", asks_whether=True) == [("negation", "没有")]
