"""The wording of replies: values with their slots, counts, yes and no, and what is not known."""


def test_a_value_comes_with_what_its_other_slots_say(ask):
    reply = ask("张曼玉得过什么奖", "list:获奖/@value", {"subject": "张曼玉"})
    assert reply.answer == "张曼玉获得的奖项是最佳女演员奖（《清洁》，2004年，第57届）。"
    assert dict(reply.facts[0].slots) == {"inWork": "清洁", "onDate": "2004年", "period": "57"}
    assert ask("战狼2什么时候上映", "list:上映时间/@value", {"subject": "战狼2"}).answer == (
        "《战狼2》的上映时间是2017年7月27日（中国）。"
    )


def test_counts(ask):
    reply = ask("吴京导演了几部电影", "count:导演/subject", {"@value": "吴京"})
    assert reply.values == ("2",)
    assert reply.answer.startswith("吴京导演的作品共有 2 部：《战狼")
    people = ask("战狼有几位主演", "count:主演/@value", {"subject": "战狼"})
    assert people.answer in {"《战狼》的主演共有 2 位：吴京、余男。", "《战狼》的主演共有 2 位：余男、吴京。"}
    roles = ask("吴京一共演过几个角色", "count:饰演/@value", {"subject": "吴京"})
    assert roles.values == ("3",)


def test_no_is_not_said_of_somebody_of_whom_nothing_is_known(ask):
    other = ask("谢楠是郭帆的妻子吗", "yes_no:妻子/@value", {"@value": "谢楠", "subject": "郭帆"})
    assert (other.status, other.answer) == ("unknown", "不知道：图谱里没有记载郭帆的妻子是不是谢楠。")
    nothing = ask("郭帆是李健的妻子吗", "yes_no:妻子/@value", {"@value": "郭帆", "subject": "李健"})
    assert (nothing.status, nothing.answer) == ("unknown", "不知道：图谱里没有记载李健的妻子是不是郭帆。")


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


def test_near_names_are_answered_and_said_so(ask):
    reply = ask("战郎2的导演是谁", "list:导演/@value", {"subject": "战郎2"})
    assert reply.values == ("吴京",)
    assert reply.answer == "没有“战郎2”，按“战狼2”回答：《战狼2》的导演是吴京。"
    assert reply.understood.mentions[0].match == "fuzzy"
    sequel = ask("战狼3的导演是谁", "list:导演/@value", {"subject": "战狼3"})
    assert (sequel.status, sequel.suggestions) == ("unknown", ("战狼的导演是谁",))
    assert sequel.answer == "不知道：图谱里没有“战狼3”这个名字。您是不是要问《战狼》？"


def test_a_question_outside_the_schema(ask):
    reply = ask("明天会下雨吗", "outside")
    assert (reply.status, reply.values, reply.confidence) == ("outside", (), 0.0)
    assert reply.answer.startswith("这个问题问的不是图谱里的事实")
