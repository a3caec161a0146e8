"""From mentions to names: exact, other, near; and wrong borders repaired."""

import pytest
from ckgqa_answer.linking.edit_distance import name_similarity
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.linker import MentionLinker
from ckgqa_answer.linking.normalize import normalize_name, normalize_text, quoted_spans
from ckgqa_answer.question_model.prediction import MarkedSlot

from .. import made
from ..made import Said, write_names


@pytest.fixture
def link(lexicon):
    """Link the piece `marked` of a question: names and how they were found, the best first."""

    def linked(question, marked, probability=0.99):
        start = question.index(marked)
        look = MentionLinker(question, lexicon, 0.78, 3)
        slot = MarkedSlot("subject", start, start + len(marked), marked, probability)
        return [(one.name, one.match, one.text) for one in look.candidates(slot)]

    return linked


@pytest.mark.parametrize(
    ("question", "marked", "found"),
    [
        ("战狼2的导演", "战狼2", [("战狼2", "exact", "战狼2")]),
        ("《战狼》的导演", "战狼", [("战狼", "exact", "战狼")]),
        # Marks, width, case, spaces and dots.
        ("战狼２的导演", "战狼２", [("战狼2", "exact", "战狼２")]),
        ("TITANIC的导演", "TITANIC", [("Titanic", "exact", "TITANIC")]),
        ("哈利波特的作者", "哈利波特", [("哈利·波特", "exact", "哈利波特")]),
        ("JK罗琳写了什么", "JK罗琳", [("J.K.罗琳", "exact", "JK罗琳")]),
        ("Ｊ．Ｋ．罗琳写了什么", "Ｊ．Ｋ．罗琳", [("J.K.罗琳", "exact", "Ｊ．Ｋ．罗琳")]),
        # Another name; what has that very name comes first.
        ("清华的校长", "清华", [("清华", "exact", "清华"), ("清华大学", "alias", "清华")]),
        # Typing slips: of sound, of order, doubled, missing.
        ("吴晶的妻子", "吴晶", [("吴京", "fuzzy", "吴晶")]),
        ("无晶的妻子", "无晶", [("吴京", "fuzzy", "无晶")]),
        ("张义谋导演了什么", "张义谋", [("张艺谋", "fuzzy", "张义谋")]),
        ("流浪浪地球的导演", "流浪浪地球", [("流浪地球", "fuzzy", "流浪浪地球")]),
        ("流浪球地的导演", "流浪球地", [("流浪地球", "fuzzy", "流浪球地")]),
        ("流浪地的导演", "流浪地", [("流浪地球", "fuzzy", "流浪地")]),
        ("titanik的导演", "titanik", [("Titanic", "fuzzy", "titanik")]),
        # Another number is another film, another sound another person.
        ("战狼3的导演", "战狼3", []),
        ("李小光写了什么", "李小光", []),
        ("没人知道的东西", "没人知道的东西", []),
        # Borders that are off.
        ("电影战狼2的导演是谁", "电影战狼2的", [("战狼2", "exact", "战狼2")]),
        ("《流浪地球》的导演", "浪地", [("流浪地球", "exact", "流浪地球")]),
        ("《流浪地球》的导演", "流浪地球》的", [("流浪地球", "exact", "流浪地球")]),
        ("流浪地球的导演", "流浪地", [("流浪地球", "exact", "流浪地球")]),
    ],
)
def test_mentions_are_linked(link, question, marked, found):
    assert link(question, marked) == found


def test_a_longer_name_wins_over_a_piece_that_the_model_doubts(link):
    assert [name for name, _, _ in link("清华大学的校长", "清华", 0.99)] == ["清华", "清华大学"]
    assert [name for name, _, _ in link("清华大学的校长", "清华", 0.4)] == ["清华大学"]
    # Title marks bound a name.
    assert [name for name, _, _ in link("《战狼》2是谁导演的", "战狼")] == ["战狼"]


def test_a_name_with_marks_inside_is_whole(tmp_path):
    write_names(tmp_path, [Said("张悦", "获奖", "全国“金话筒”奖"), Said("张悦", "获奖", "金话筒")])
    index = Index(tmp_path, tmp_path / "linking.db")
    question = "谁拿了全国“金话筒”奖"
    look = MentionLinker(question, Lexicon(index), 0.78, 3)
    assert look.candidates(MarkedSlot("@value", 3, 11, question[3:11], 0.99))[0].name == "全国“金话筒”奖"
    assert look.candidates(MarkedSlot("@value", 6, 9, question[6:9], 0.99))[0].name == "金话筒"
    index.close()


def test_a_piece_of_an_unknown_name_is_not_its_name(link):
    assert link("吴京山的妻子", "吴京山") == []
    assert link("大战狼的导演", "大战狼") == []


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("《流浪地球2》的导演", "流浪地球2"),
        ("流浪地球2的导演", "流浪地球2"),
        ("流浪地球2的导演", "流浪地球"),
        ("《流浪地球前传》的导演", "流浪地球前传"),
        ("流浪地球第二季的导演", "流浪地球"),
        ("新流浪地球的导演", "新流浪地球"),
        ("新流浪地球的导演", "流浪地球"),
        ("清华大学附中的校长", "清华大学附中"),
        ("清华大学附中的校长", "清华大学"),
        ("清华大学附属中学的校长", "清华大学"),
        ("哈利波特与火焰杯的作者", "哈利波特与火焰杯"),
        ("流浪地球集团的创始人", "流浪地球集团"),
        ("《电影流浪地球》的导演", "电影流浪地球"),
        ("《流浪地球漫画》的作者", "流浪地球漫画"),
        ("流浪地球 2的导演", "流浪地球"),
        ("流浪地球２的导演", "流浪地球"),
        ("流浪地球二的导演", "流浪地球"),
        ("流浪地球第11季的导演", "流浪地球"),
        ("流浪地球II的导演", "流浪地球"),
        ("流浪地球剧场版的导演", "流浪地球"),
        ("谁导演了新流浪地球", "流浪地球"),
        ("清华大学出版社的社长", "清华大学"),
        ("清华大学深圳研究生院的校长", "清华大学"),
        ("吴京和的妻子", "吴京和"),
        ("吴京中的妻子", "吴京中"),
        ("《哈利波特全集前传》的作者", "哈利波特全集前传"),
        ("《史蒂文斯皮尔伯格前传》的作者", "史蒂文斯皮尔伯格前传"),
        ("流浪地球2是谁导演的", "浪地球"),
    ],
)
def test_a_longer_name_is_another_name(link, question, marked):
    assert link(question, marked) == []


def test_the_known_name_inside_a_longer_one_is_offered(lexicon):
    question = "《流浪地球2》的导演是谁"
    look = MentionLinker(question, lexicon, 0.78, 3)
    ((entity, about),) = look.contained(MarkedSlot("subject", 1, 6, "流浪地球2", 0.99))
    assert (entity.name, about) == ("流浪地球", "《流浪地球》的导演是谁")
    # A known name shorter than half of the mention is not offered.
    question = "吴京大剧院的导演是谁"
    assert MentionLinker(question, lexicon, 0.78, 3).contained(MarkedSlot("subject", 0, 5, "吴京大剧院", 0.99)) == []


@pytest.mark.parametrize(
    ("question", "marked", "name"),
    [
        ("吴京先生的妻子", "吴京先生", "吴京"),
        ("吴京先生的妻子", "吴京先", "吴京"),
        ("吴京老师的妻子", "吴京老", "吴京"),
        ("导演吴京的妻子", "导演吴京", "吴京"),
        ("导演吴京的妻子", "演吴京", "吴京"),
        ("吴晶女士的妻子", "吴晶女", "吴京"),
        ("电影流浪地球的导演", "电影流浪地球", "流浪地球"),
        ("清华大学这所学校的校长", "清华大学", "清华大学"),
        # Numbers that count do not belong to a name.
        ("吴京2017年导演了什么", "吴京", "吴京"),
        ("吴京第二部电影是什么", "吴京", "吴京"),
        ("吴京10大作品", "吴京", "吴京"),
        ("吴京3的妻子", "吴京", "吴京"),
        ("最新流浪地球的导演", "流浪地球", "流浪地球"),
        ("战狼2部的导演", "战狼", "战狼"),
    ],
)
def test_words_beside_a_name_do_not_belong_to_it(link, question, marked, name):
    assert next(found for found, _, _ in link(question, marked)) == name


def test_an_organization_is_found_without_the_word_for_its_type(tmp_path, monkeypatch):
    types = {"阿里巴巴集团": ["企业"], "小米科技有限公司": ["企业"], "万科企业股份有限公司": ["企业"],
             "复旦大学": ["学校"], "深圳大学": ["学校"], "师范大学": ["学校"],
             "深圳市腾讯计算机系统有限公司": ["企业"], "浙江大学": ["学校"],
             "平安集团": ["企业"], "平安": ["地点"],
             "华联公司": ["企业"], "华联集团": ["企业"],
             "大众电影集团": ["影视作品"]}  # fmt: skip
    monkeypatch.setattr(made, "TYPES", types)
    write_names(tmp_path, [Said(name, "创始人", "某人") for name in types])
    index = Index(tmp_path, tmp_path / "linking.db")

    def linked(name):
        slot = MarkedSlot("subject", 0, len(name), name, 0.99)
        return [
            (one.name, one.match) for one in MentionLinker(f"{name}的创始人", Lexicon(index), 0.78, 3).candidates(slot)
        ]

    assert linked("阿里巴巴") == [("阿里巴巴集团", "alias")]
    assert linked("小米科技") == linked("小米") == [("小米科技有限公司", "alias")]
    assert linked("万科") == [("万科企业股份有限公司", "alias")]
    assert linked("复旦") == [("复旦大学", "alias")]
    assert linked("浙江") == linked("深圳") == linked("师范") == []  # places and common words
    assert linked("腾讯") == [("深圳市腾讯计算机系统有限公司", "alias")]
    assert linked("平安") == [("平安", "exact")]  # another entity has this name
    assert linked("华联") == []  # two have it
    assert linked("大众电影") == []  # no organization
    # Only what the model marks is such a name: the rest may be common words.
    assert MentionLinker("小米的创始人", Lexicon(index), 0.78, 3).matches == []
    index.close()


def test_a_list_of_names_and_a_year_beside_one_are_no_part_of_a_name(lexicon):
    def parts(question, marked):
        start = question.index(marked)
        slot = MarkedSlot("subject", start, start + len(marked), marked, 0.9)
        return [part.text for part in MentionLinker(question, lexicon, 0.78, 3).names.split(slot)]

    assert parts("战狼和流浪地球的导演", "战狼和流浪地球") == ["战狼", "流浪地球"]
    assert parts("战狼、流浪地球、攀登者的导演", "战狼、流浪地球、攀登者") == ["战狼", "流浪地球", "攀登者"]
    assert parts("吴京2015年演了什么", "吴京2015年") == ["吴京"]
    assert parts("2015年吴京演了什么", "2015年吴京") == ["吴京"]
    assert parts("哈利波特的作者", "哈利波特") == ["哈利波特"]
    assert parts("战狼和没有的导演", "战狼和没有") == ["战狼和没有"]


def test_names_that_are_not_marked_are_found_the_longest_first(lexicon):
    look = MentionLinker("清华大学的校长是谁", lexicon, 0.78, 3)
    (candidates,) = look.unmarked([], frozenset({"校长"}))
    assert [one.name for one in candidates] == ["清华大学"]
    assert look.unmarked([(0, 4)], frozenset()) == []
    assert MentionLinker("战狼的导演", lexicon, 0.78, 3).unmarked([], frozenset({"战狼"})) == []


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("《战狼２》", "战狼2"),
        ("史蒂文·斯皮尔伯格", "史蒂文斯皮尔伯格"),
        ("J.K.罗琳", "jk罗琳"),
        ("1.5亿", "1.5亿"),
        ("Wolf Warrior", "wolfwarrior"),
        ("“战狼”", "战狼"),
        ("·", ""),
    ],
)
def test_folding(text, folded):
    assert normalize_name(text) == folded


def test_folded_characters_keep_their_places():
    normalized = normalize_text("看《Ａ㈱Ｂ》吗")
    assert normalized.text == "看a(株)b吗"
    assert normalized.original_span(1, 6) == (2, 5)
    assert quoted_spans("《战狼》和“吴京”") == [(1, 3), (6, 8)]


@pytest.mark.parametrize(
    ("mention", "name", "cost"),
    [
        ("吴京", "吴京", 0.0),
        ("吴晶", "吴京", 0.2),  # same sound
        ("吴金", "吴京", 0.35),  # jin and jing
        ("谢男", "谢楠", 0.2),
        ("流浪球地", "流浪地球", 0.4),  # swapped
        ("流浪浪地球", "流浪地球", 0.3),  # doubled
        ("流浪地", "流浪地球", 0.8),  # missing
        ("流浪地土", "流浪地球", 1.0),  # another
        ("红楼", "红楼梦", 0.8),
    ],
)
def test_nearness_is_the_cheapest_way_to_mistype(mention, name, cost):
    expected = 1 - cost / max(len(mention), len(name))
    assert name_similarity(mention, name, 0.5) == pytest.approx(expected)
    assert name_similarity(name, mention, 0.5) == pytest.approx(expected)
    assert name_similarity(mention, name, expected + 0.01) == 0.0


@pytest.mark.parametrize(("mention", "name"), [("王十十朋", "王十朋"), ("两朝伟", "梁朝伟"), ("两天夜", "两天一夜")])
def test_a_numeral_that_counts_nothing_is_a_character_like_others(mention, name):
    assert name_similarity(mention, name, 0.78) > 0


def test_the_same_number_in_another_script_is_the_same(lexicon):
    assert [one.name for one in lexicon.lookup("战狼二")] == ["战狼2"]
    assert normalize_name("爱情公寓第一季") == normalize_name("爱情公寓第1季")


def test_other_numbers_are_never_near():
    assert name_similarity("战狼2", "战狼3", 0.1) == 0.0
    assert name_similarity("爱情公寓第一季", "爱情公寓第二季", 0.1) == 0.0
    assert name_similarity("1990年", "1991年", 0.1) == 0.0
