"""The report: figures in three forms, pictures that speak, and nothing of the data that becomes markup."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from ckgqa_train_casrel.data.records import LabelledSentence, LabelledTriple
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.evaluation.errors import classify, find_errors
from ckgqa_train_casrel.evaluation.report import CurvePoint, TripleEvaluation, report_json, report_markdown
from ckgqa_train_casrel.evaluation.report_page import report_page
from ckgqa_train_casrel.evaluation.scoring import PrecisionRecall, triple_key
from ckgqa_train_casrel.model.thresholds import Thresholds

SVG = "{http://www.w3.org/2000/svg}"


def labelled(subject: str, predicate: str, **slots: str) -> LabelledTriple:
    value = slots.pop("value")
    return LabelledTriple(subject, predicate, {"@value": value, **slots}, subject_type="影视作品", value_type="人物")


def found(subject: str, predicate: str, value: str, score: float, **slots: str) -> ExtractedTriple:
    words = {"@value": value, **slots}
    return ExtractedTriple(subject, "影视作品", predicate, words, dict.fromkeys(words, "人物"), {}, score)


def evaluation(errors_of: list[tuple[LabelledSentence, list[ExtractedTriple]]] | None = None) -> TripleEvaluation:
    pairs = errors_of or []
    return TripleEvaluation(
        split="test",
        sentences=40,
        seconds=0.5,
        thresholds=Thresholds(0.4, 0.6),
        sweep_thresholds=Thresholds(0.1, 0.1),
        scores=PrecisionRecall(6, 8, 12),
        per_predicate={"导演": PrecisionRecall(1, 3, 4), "饰演": PrecisionRecall(5, 5, 8)},
        curve=[
            CurvePoint(0.0, PrecisionRecall(8, 16, 12)),
            CurvePoint(0.5, PrecisionRecall(7, 9, 12)),
            CurvePoint(1.0, PrecisionRecall(0, 0, 12)),
        ],
        learning=[
            {"epoch": 1, "loss": 9.0, "f1": 0.2, "precision": 0.3, "recall": 0.15},
            {"epoch": 2, "loss": 4.0, "f1": 0.5, "precision": 0.6, "recall": 0.43},
            {"epoch": 3, "loss": 3.0, "f1": 0.4, "precision": 0.5, "recall": 0.33},
        ],
        errors=find_errors([sentence for sentence, _ in pairs], [triples for _, triples in pairs], limit=2),
    )


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (found("吴京", "饰演", "冷锋", 1, inWork="战狼2"), "slots"),
        (found("吴京", "主演", "冷锋", 1), "predicate"),
        (found("吴京", "饰演", "冷", 1), "boundaries"),
        (found("冷锋", "饰演", "吴京", 1), "direction"),
        (found("吴京", "饰演", "龙小云", 1), "alone"),
        (found("吴京", "主演", "冷", 1), "alone"),
    ],
)
def test_an_error_is_named_by_what_the_truth_beside_it_is(wrong: ExtractedTriple, kind: str):
    assert classify(wrong, [triple_key(labelled("吴京", "饰演", value="冷锋", inWork="战狼"))]) == kind


def test_the_nearest_truth_names_the_kind():
    others = [
        triple_key(labelled("吴京", "饰演", value="冷锋先生")),
        triple_key(labelled("吴京", "饰演", value="冷锋", inWork="战狼")),
    ]
    assert classify(found("吴京", "饰演", "冷锋", 1), others) == "slots"


def test_errors_are_counted_by_predicate_and_the_surest_mistakes_are_kept_one_for_a_sentence():
    sentences = [
        LabelledSentence("test:1", "一", (labelled("甲", "导演", value="乙"), labelled("丙", "主演", value="丁"))),
        LabelledSentence("test:2", "二", ()),
        LabelledSentence("test:3", "三", (labelled("甲", "导演", value="乙"),)),
    ]
    predicted = [
        [found("甲", "导演", "己", 0.4), found("甲", "导演", "庚", 0.5)],
        [found("甲", "导演", "乙", 0.9)],
        [found("甲", "导演", "乙", 0.99), found("甲", "导演", "辛", 0.3)],
    ]
    errors = find_errors(sentences, predicted, limit=2)
    assert list(errors) == ["导演", "主演"]
    assert (errors["导演"].missed.total(), errors["导演"].spurious.total()) == (1, 4)
    assert [(e.id, e.score) for e in errors["导演"].spurious_examples] == [("test:2", 0.9), ("test:1", 0.5)]
    assert [(e.id, e.subject) for e in errors["主演"].missed_examples] == [("test:1", "丙")]


def test_the_report_for_programs_holds_the_figures_that_others_read():
    report = report_json(evaluation())
    assert (report["precision"], report["recall"]) == (6 / 8, 6 / 12)
    assert report["f1"] == pytest.approx(2 * 0.75 * 0.5 / 1.25)
    assert report["sentences_per_second"] == 80.0
    assert report["per_predicate"]["导演"] == {
        "f1": pytest.approx(2 / 7), "precision": 1 / 3, "recall": 1 / 4, "correct": 1, "predicted": 3, "support": 4,
    }  # fmt: skip


def test_the_markdown_lists_predicates_by_support_and_keeps_its_tables_whole():
    result = replace(evaluation(), per_predicate={"a|b": PrecisionRecall(0, 0, 1), "饰演": PrecisionRecall(5, 5, 8)})
    lines = report_markdown(result).splitlines()
    rows = [line for line in lines if line.startswith(("| 饰演", "| a\\"))]
    assert rows == ["| 饰演 | 0.769 | 1.000 | 0.625 | 5 | 8 |", "| a\\|b | 0.000 | 0.000 | 0.000 | 0 | 1 |"]
    assert "| 0.6000 | 0.7500 | 0.5000 | 6 | 8 | 12 |" in lines


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.seen


def test_the_page_loads_nothing_from_anywhere():
    page = report_page(evaluation())
    assert not {"script", "link", "img", "iframe", "object", "embed"} & {tag for tag, _ in tags(page)}
    assert not [a for _, attributes in tags(page) for a in attributes if a in {"src", "href", "xlink:href", "style"}]
    assert not re.search(r"url\(|@import|@font-face", page)
    assert set(re.findall(r"https?://[^\s\"<]+", page)) == {"http://www.w3.org/2000/svg"}


def test_text_of_the_data_is_text_on_the_page():
    evil = "<script>alert('x')</script>&\"<b onclick=x>"
    sentence = LabelledSentence("test:1<i>", f"前{evil}后", (labelled(evil, evil, value=evil, **{evil: evil}),))
    page = report_page(
        replace(
            evaluation([(sentence, [found(evil, evil, "后", 0.5)])]), per_predicate={evil: PrecisionRecall(0, 1, 1)}
        )
    )
    assert {tag for tag, _ in tags(page)} == {tag for tag, _ in tags(report_page(evaluation([_plain()])))}
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def _plain() -> tuple[LabelledSentence, list[ExtractedTriple]]:
    return LabelledSentence("test:1", "前甲后", (labelled("甲", "导演", value="前"),)), [found("甲", "导演", "后", 0.5)]


def test_names_are_underlined_where_they_stand_in_the_sentence():
    page = report_page(
        evaluation([(LabelledSentence("test:1", "前甲乙后", (labelled("甲", "导演", value="乙后"),)), [])])
    )
    assert "前<mark>甲乙后</mark>" in page


def test_chinese_stays_text_in_the_pictures_with_fonts_of_every_system_named():
    page = report_page(evaluation())
    bars = re.findall(r"<svg.*?</svg>", page, re.DOTALL)[0]
    assert "饰演" in [text.text for text in ET.fromstring(bars).iter(f"{SVG}text")]
    for font in ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"):
        assert font in page


def test_every_picture_speaks_to_those_who_cannot_see_it():
    pictures = [attributes for tag, attributes in tags(report_page(evaluation())) if tag == "svg"]
    assert len(pictures) == 4
    assert all(picture["role"] == "img" for picture in pictures)
    said = " ".join(picture["aria-label"] or "" for picture in pictures)
    for words in ("饰演 F1 0.769", "Best F1 0.667 at 0.5", "Highest F1 0.500 in epoch 2"):
        assert words in said


def test_the_page_follows_a_dark_theme():
    assert "prefers-color-scheme: dark" in report_page(evaluation())


def test_the_curve_says_what_is_swept():
    page = report_page(evaluation())
    assert "lowered (subjects 0.1, objects 0.1)" in page
    assert "own thresholds (subjects 0.4, objects 0.6, whole triples 0)" in page


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_short_training_is_drawn_too(epochs: int):
    result = evaluation()
    page = report_page(replace(result, learning=result.learning[:epochs]))
    assert "nan" not in page
    assert f"{epochs} epochs" in page
