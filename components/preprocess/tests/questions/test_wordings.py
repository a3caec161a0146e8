"""Wordings: their language, their keys, and the promises of the shipped files."""

from random import Random

import pytest
from ckgqa_preprocess.questions.templates.annotated_text import NAME_MASK, AnnotatedMention, AnnotatedText, joined
from ckgqa_preprocess.questions.templates.catalogue import build_catalogue
from ckgqa_preprocess.questions.templates.loader import read_templates
from ckgqa_preprocess.questions.templates.pattern import Pattern, PatternError, Placeholder
from ckgqa_preprocess.questions.templates.realizer import Filler, Realizer
from ckgqa_preprocess.questions.templates.wording_key import WordingKey

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Step

from .brute import drawn
from .graphs import OWN, schema

LEAST_WORDINGS = 10


@pytest.fixture(scope="module")
def templates():
    return read_templates(None)


def test_texts_joined_keep_their_mentions_in_place() -> None:
    film = AnnotatedText.of_name("subject", "战狼2", "战狼2", ("《", "》"))
    whole = (
        AnnotatedText("请问")
        + joined([film, AnnotatedText("和"), AnnotatedText.of_name("@value", "吴京", "吴京")])
        + AnnotatedText("？")
    )
    assert whole.words == "请问《战狼2》和吴京？"
    assert whole.mentions == (AnnotatedMention("subject", 3, 6, "战狼2"), AnnotatedMention("@value", 8, 10, "吴京"))
    assert whole.wording == f"请问《{NAME_MASK}》和{NAME_MASK}？"


@pytest.mark.parametrize(
    ("name", "words", "span"),
    [("《忆》", "《忆》", "忆"), ("《忆》和《梦》", "《忆》和《梦》", "《忆》和《梦》"), ("《》", "《》", "《》")],
)
def test_a_name_that_brings_its_title_marks_has_them_once(name: str, words: str, span: str) -> None:
    text = AnnotatedText.of_name("subject", name, name)
    (mention,) = text.mentions
    assert (text.words, text.words[mention.start : mention.end], mention.name) == (words, span, name)
    assert AnnotatedText.of_name("subject", "《忆》", "《忆》", ("《", "》")).words == "《忆》"


def test_a_wording_is_read_with_all_that_it_leaves_open() -> None:
    pattern = Pattern.parse("谁(导演|拍)(了|)《{subject}》")
    assert pattern.roles == {"subject"}
    assert drawn(pattern) == {f"谁{verb}{end}{NAME_MASK}" for verb in ("导演", "拍") for end in ("了", "")}
    assert pattern.draw(Random(1))[-1] == Placeholder("subject", titled=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("谁(导演|拍了{subject}", "bracket"),
        ("谁导演)了{subject}", "bracket"),
        ("谁((导演|拍)了|演){subject}", "bracket"),
        ("谁导演了{subject", "brace"),
        ("谁导演了subject}", "brace"),
        ("谁导演了{}", "brace"),
        ("谁(导演了{subject}|拍的)", "different names"),
    ],
)
def test_a_wording_that_cannot_be_read_says_why(text: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        Pattern.parse(text)


def test_words_put_into_a_wording_are_taken_as_they_are() -> None:
    pattern = Pattern.parse("{subject}的{noun}").filled({"noun": "a(b|c){d}"})
    assert drawn(pattern) == {f"{NAME_MASK}的a(b|c){{d}}"}
    assert pattern.roles == {"subject"}


@pytest.mark.parametrize(
    ("wording", "name", "words", "span"),
    [
        ("第{period}届谁得的", "第31届", "第31届谁得的", "第31届"),
        ("第{period}届谁得的", "31", "第31届谁得的", "31"),
        ("哪里有{period}人", "4721万人", "哪里有4721万人", "4721万人"),
        ("谁是{period}人", "猎人", "谁是猎人人", "猎人"),
    ],
)
def test_words_that_a_value_brings_are_said_once(templates, wording: str, name: str, words: str, span: str) -> None:
    sequence = Pattern.parse(wording).draw(Random(1))
    text = Realizer(templates).realize(sequence, {"period": Filler("period", name, name)}, Random(1))
    (mention,) = text.mentions
    assert (text.words, text.words[mention.start : mention.end]) == (words, span)


def test_the_key_of_a_wording_forgets_manners_marks_widths_and_cases() -> None:
    key = WordingKey(["请问", "你知道", "你好，"], ["呢", "吗", "，谢谢"])
    same = ["□是谁导演的", "请问《□》是谁导演的？", "你好，请问 □ 是谁导演的呢??", "你知道“□”是谁导演的吗，谢谢！"]
    assert {key.of_wording(wording) for wording in same} == {"□是谁导演的"}
    assert key.of_wording("□的ＯＳＴ") == key.of_wording("□的ost")
    assert key.of_wording("□的导演是谁") != key.of_wording("□是谁导演的")
    assert key.of_wording("请问□呢") == "请问□呢", "what is left would say nothing"


def test_no_wording_stutters(templates) -> None:
    doubled = ("是谁是谁", "是谁叫什么", "了了", "的的", "过过", "是是")
    sections = [*templates.predicates.values(), *templates.general.values(), *templates.types.values()]
    for section in sections:
        for wordings in section.lists.values():
            for one in wordings:
                found = [words for words in drawn(one.pattern) if any(twice in words for twice in doubled)]
                assert not found, (one.line.location, found[:3])


def test_questions_outside_have_150_wordings_with_and_without_names(templates) -> None:
    lines = [one for wordings in templates.general["outside"].lists.values() for one in wordings]
    assert len({one.line.text for one in lines}) >= 150
    assert sum(bool(one.pattern.roles) for one in lines) >= 40
    assert sum(not one.pattern.roles for one in lines) >= 100


def test_a_predicate_without_wordings_gets_ten_of_each_kind_of_its_types(templates) -> None:
    catalogue = build_catalogue(templates, schema(OWN))
    assert catalogue.without_templates == ["宠物"]
    for role, given in (("@value", "subject"), ("subject", "@value")):
        phrasings = catalogue.questions["list", Step("宠物", role), frozenset({given})]
        texts = {words for one in phrasings for words in drawn(one.pattern)}
        assert len(texts) >= LEAST_WORDINGS
        assert all("宠物" in words for words in texts)
        assert catalogue.questions["count", Step("宠物", role), frozenset({given})]
    assert catalogue.questions["yes_no", Step("宠物", "@value"), frozenset({"subject", "@value"})]
    assert any(step.asked == "inCity" for kind, step, _ in catalogue.questions if kind == "list")
    assert any("inCity" in roles for kind, step, roles in catalogue.questions if step == Step("宠物", "@value"))


def test_a_predicate_known_under_another_name_has_its_wordings(templates) -> None:
    catalogue = build_catalogue(
        templates, schema(("执导", "影视作品", {"@value": "人物"}), ("老公", "人物", {"@value": "人物"}))
    )
    assert "老公" not in catalogue.without_templates
    assert any(
        "嫁" in one.pattern.text for one in catalogue.questions["list", Step("老公", "@value"), frozenset({"subject"})]
    )


def test_what_the_schema_covers_is_not_outside_it(templates) -> None:
    def topics(*more) -> set[str]:
        return {one.label.split("#")[0] for one in build_catalogue(templates, schema(*more)).out_of_scope}

    assert {"outside/出生日期", "outside/天气"} <= topics()
    assert "outside/出生日期" not in topics(("生日", "人物", {"@value": "Date"}))
    assert "outside/天气" not in topics(("气温", "地点", {"@value": "Number"}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "导演:\n  ask @value: |\n    谁导演了{subject}\n    谁导演了{film}\n",
            "line 4: '导演' has no role {film}; it has {subject}, {@value}",
        ),
        ("导演:\n  ask @value: |\n    # remark\n    谁(导演|拍了{subject}\n", "line 4: a bracket '('"),
        (
            "导演:\n  ask @value: |\n    {@value}导演了{subject}吗\n",
            "line 3: it gives {@value}, the role that it is to ask",
        ),
        ("导演:\n  ask @value inWork: |\n    谁导演了{subject}\n", "line 3: it does not give {inWork}"),
        ("导演:\n  ask @value: |\n    谁是导演\n", "line 3: it gives no name"),
        ("导演:\n  short @value: |\n    谁导演了{subject}\n", "line 3: a short wording names nothing"),
        ("导演:\n  ask: |\n    谁导演了{subject}\n", "line 2: 'ask' does not say for what role"),
        ("导演:\n  asks @value: |\n    谁导演了{subject}\n", "line 2: 'asks @value' is not known here"),
        ("导演:\n  ask @value:\n", "line 2: 'ask @value' has no text"),
        ("导演: 谁导演了{subject}\n", "line 1: '导演' holds text"),
        ("\n导眼:\n  ask @value: |\n    谁导演了{subject}\n", "line 2: the schema has no predicate '导眼'"),
        (
            "导演:\n  nouns: 导演\n导演:\n  nouns: 导演\n",
            "line 3: '导演' stands there twice, first on mine.yaml line 1",
        ),
        ("导演:\n  nouns: [导演\n", "mine.yaml line"),
        ("- 导演\n", "a mapping such as"),
        ("around any question: |\n  请问\n", "line 2: '请问' has no …"),
    ],
)
def test_an_error_in_a_users_file_names_its_line(tmp_path, content: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        build_catalogue(read_templates(tmp_path / "mine.yaml"), schema())
    assert message in str(caught.value)
    assert "mine.yaml" in str(caught.value)


def test_a_users_file_adds_wordings_or_takes_the_place_of_ours(tmp_path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    key = "list", Step("导演", "@value"), frozenset({"subject"})
    before = {one.pattern.text for one in build_catalogue(read_templates(None), schema()).questions[key]}
    (mine / "a.yaml").write_text("导演:\n  ask @value: |\n    哪位大师缔造了{subject}\n", encoding="utf-8")
    added = {one.pattern.text for one in build_catalogue(read_templates(mine), schema()).questions[key]}
    assert added == before | {"哪位大师缔造了{subject}"}
    (mine / "a.yaml").write_text(
        "导演:\n  replace: yes\n  frames: no\n  ask @value:\n  - 哪位大师缔造了{subject}\n", encoding="utf-8"
    )
    replaced = {one.pattern.text for one in build_catalogue(read_templates(mine), schema()).questions[key]}
    assert replaced == {"哪位大师缔造了{subject}"}


@pytest.mark.parametrize("name", ["nothing.yaml", "empty"])
def test_templates_that_are_not_there_are_refused(tmp_path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no such template file|no \.yaml file"):
        read_templates(tmp_path / name)


def test_a_file_in_another_encoding_is_refused(tmp_path) -> None:
    (tmp_path / "mine.yaml").write_bytes("导演:\n  nouns: 导演\n".encode("gb18030"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_templates(tmp_path / "mine.yaml")


@pytest.mark.parametrize("space", ["\u3000", "\xa0\xa0", "\u200b  "])
def test_a_template_may_be_indented_and_separated_by_any_white_space(tmp_path, space: str) -> None:
    plain = "导演:\n  nouns: 执导者\n  ask @value: |\n    哪位大师缔造了{subject}\n\n    {subject}谁拍的\n"
    typed = "\ufeff" + plain.replace("  ", space).replace("\n\n", f"\n{space}\n").replace("的\n", f"的{space}\n")
    found = []
    for name, content in (("plain", plain), ("typed", typed)):
        (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        section = read_templates(tmp_path / f"{name}.yaml").predicates["导演"]
        found.append([(one.pattern.text, one.line.number) for one in section.all("ask @value") if not one.shipped])
        assert "执导者" in section.words["nouns"]
    assert found == [[("哪位大师缔造了{subject}", 4), ("{subject}谁拍的", 6)]] * 2
