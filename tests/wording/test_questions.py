"""Questions about a predicate: the question word follows from the types, in each direction."""

import pytest

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa.wording.phrases import display_name
from ckgqa.wording.questions import question_about, question_end


@pytest.mark.parametrize(
    ("predicate", "given", "given_types", "asked_types", "question"),
    [
        ("导演", "战狼2", ["影视作品"], ["人物"], "《战狼2》的导演是谁？"),
        ("导演", "《战狼2》", ["影视作品"], ["人物"], "《战狼2》的导演是谁？"),
        ("导演", "战狼2", ["影视作品"], ["人物", "影视作品"], "《战狼2》的导演是谁？"),
        ("父亲", "曹丕", ["人物"], ["历史人物"], "曹丕的父亲是谁？"),
        ("上映时间", "战狼2", ["影视作品"], ["Date"], "《战狼2》的上映时间是什么时候？"),
        ("面积", "海南省", ["行政区"], ["Number"], "海南省的面积是多少？"),
        ("国籍", "成龙", ["人物"], ["国家", "地点"], "成龙的国籍是哪个国家？"),
        ("总部地点", "华为", ["企业"], ["地点"], "华为的总部地点是哪里？"),
        ("饰演", "吴京", ["娱乐人物"], ["人物"], "吴京饰演的角色是谁？"),
        ("获奖", "张曼玉", ["娱乐人物"], ["奖项"], "张曼玉获得的奖项是什么？"),
        ("临床表现", "肺炎", ["疾病"], ["症状"], "肺炎的临床表现是什么？"),
        ("朝代", "李白", [], ["Text"], "李白的朝代是什么？"),
        ("朝代", "李白", [], [], "李白的朝代是什么？"),
        ("treats", "aspirin", ["Drug"], ["Disease"], "aspirin的treats是什么？"),
    ],
)
def test_the_value_is_asked_by_its_type(predicate, given, given_types, asked_types, question):
    assert question_about(Step(predicate, VALUE), given, given_types, asked_types) == question


@pytest.mark.parametrize(
    ("predicate", "given", "given_types", "asked_types", "question"),
    [
        ("导演", "吴京", ["人物"], ["影视作品"], "吴京导演的作品有哪些？"),
        ("主题曲", "风雨无阻", ["歌曲"], ["影视作品"], "以《风雨无阻》为主题曲的作品有哪些？"),
        ("上映时间", "2017-7-27", ["Date"], ["影视作品"], "在2017年7月27日上映的作品有哪些？"),
        ("妻子", "谢楠", ["人物"], ["人物"], "谁的妻子是谢楠？"),
        ("临床表现", "发热", ["症状"], ["疾病"], "哪些疾病的临床表现是发热？"),
        ("品牌口号", "想做就做", ["Text"], ["企业/品牌"], "哪些企业的品牌口号是想做就做？"),
        ("treats", "flu", ["Disease"], ["Drug"], "什么的treats是flu？"),
        ("临床表现", "发热", [], [], "什么的临床表现是发热？"),
    ],
)
def test_the_subject_is_asked_in_the_other_direction(predicate, given, given_types, asked_types, question):
    assert question_about(Step(predicate, SUBJECT), given, given_types, asked_types) == question


@pytest.mark.parametrize(
    ("predicate", "slot", "given", "asked_types", "question"),
    [
        ("饰演", "inWork", "吴京", ["影视作品"], "吴京饰演的作品是什么？"),
        ("获奖", "onDate", "张曼玉", ["Date"], "张曼玉获奖的时间是什么时候？"),
        ("用药", "剂量", "肺炎", ["Number"], "肺炎用药的剂量是多少？"),
    ],
)
def test_a_further_slot_is_asked_about_the_subject(predicate, slot, given, asked_types, question):
    assert question_about(Step(predicate, slot), given, [], asked_types) == question


def test_a_type_counts_by_its_end_and_a_person_comes_first():
    assert question_end(["虚拟人物"]) == "是谁？"
    assert question_end(["影视作品", "人物"]) == "是谁？"
    assert question_end(["人物关系图"]) == "是什么？"
    assert question_end(["UpdateLog"]) == "是什么？"


def test_a_country_that_gave_a_film_its_name_is_no_film():
    assert display_name("美国", ["国家", "影视作品"]) == "美国"
    assert display_name("活着", ["图书作品", "影视作品"]) == "《活着》"
