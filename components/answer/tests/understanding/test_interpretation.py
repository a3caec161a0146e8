"""The interpretations of a question: their order, and the repair of the model's roles and mentions."""


def test_the_graph_decides_between_likely_interpretations(ask):
    question = "红楼梦是谁的作品"
    reply = ask(question, "list:导演/@value", {"subject": "红楼梦"}, {"list:作者/@value": 0.46}, p=0.52)
    assert set(reply.values) == {"曹雪芹", "高鹗"}
    assert reply.understood.intent == "list:作者/@value"
    spouse = ask("谢楠的配偶是谁", "list:妻子/@value", {"subject": "谢楠"}, {"list:丈夫/@value": 0.49}, p=0.5)
    assert spouse.values == ("吴京",)
    assert spouse.confidence < 0.9


def test_an_unlikely_interpretation_is_not_looked_up(ask):
    reply = ask("红楼梦是谁导演的", "list:导演/@value", {"subject": "红楼梦"}, {"list:作者/@value": 0.005})
    assert (reply.status, reply.answer) == ("unknown", "不知道：图谱里没有《红楼梦》的导演。")


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


def test_a_lone_name_in_a_role_that_the_predicate_lacks_is_the_subject(ask):
    assert ask("战狼2是谁导演的", "list:导演/@value", {"inWork": "战狼2"}).values == ("吴京",)


def test_an_unknown_slot_is_no_reason_to_ask_without_it(ask):
    reply = ask("吴京在唐人街探案里演谁", "list:饰演/@value", {"subject": "吴京", "inWork": "唐人街探案"})
    assert (reply.status, reply.values) == ("unknown", ())
