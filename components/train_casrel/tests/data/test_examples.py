"""Labels have no positions; the examples have them, and they are right to the character."""

import numpy as np
from ckgqa_train_casrel.data.examples import WindowExample, find_occurrences, locate_names, make_example, make_examples
from ckgqa_train_casrel.data.records import LabelledSentence, LabelledTriple
from ckgqa_train_casrel.data.schema import Schema
from ckgqa_train_casrel.data.vocabulary import UNKNOWN, CasRelVocabulary

NOTHING_KNOWN = CasRelVocabulary({}, UNKNOWN, ())


def fact(subject: str, predicate: str, value: str, **slots: str) -> LabelledTriple:
    return LabelledTriple(subject, predicate, {"@value": value, **slots}, "影视作品", "人物")


def spans(example: WindowExample, text: str) -> set[tuple[str, int, str]]:
    """Read an example's objects back: subject's words, label, object's words."""
    found = set()
    for subject, label, head, tail in example.objects.tolist():
        start, end = example.subjects[subject].tolist()
        found.add((text[start : end + 1], label, text[head : tail + 1]))
    return found


def test_all_occurrences_are_found_overlapping_ones_too():
    assert find_occurrences("安安安", "安安") == [(0, 2), (1, 3)]


def test_a_name_inside_a_longer_name_is_not_meant_there_when_it_also_stands_free():
    found = locate_names("北京大学在北京", ["北京", "北京大学"])
    assert found == {"北京大学": [(0, 4)], "北京": [(5, 7)]}


def test_a_name_only_inside_a_longer_name_is_meant_there():
    assert locate_names("北京大学", ["北京", "北京大学"])["北京"] == [(0, 2)]


def test_every_subject_teaches_with_all_its_objects(schema: Schema):
    text = "《山河》导演王明，主演李华；《星海》导演王明"
    facts = [fact("山河", "导演", "王明"), fact("山河", "主演", "李华"), fact("星海", "导演", "王明")]
    example = make_example(text, facts, NOTHING_KNOWN, schema.label_ids)
    assert spans(example, text) == {("山河", 1, "王明"), ("山河", 0, "李华"), ("星海", 1, "王明")}
    assert len(example.subjects) == 2


def test_complex_objects_bring_one_label_a_slot(schema: Schema):
    text = "李华在《山河》中饰演王明"
    example = make_example(text, [fact("李华", "饰演", "王明", inWork="山河")], NOTHING_KNOWN, schema.label_ids)
    assert spans(example, text) == {("李华", 2, "王明"), ("李华", 3, "山河")}


def test_objects_that_are_not_subjects_are_negative_subjects(schema: Schema):
    text = "《山河》导演王明"
    example = make_example(text, [fact("山河", "导演", "王明")], NOTHING_KNOWN, schema.label_ids)
    assert example.negative_subjects.tolist() == [[6, 7]]


def test_spans_fit_text_with_emoji_and_full_width(schema: Schema):
    text = "👨‍👩‍👧《ＡＢ🎬》导演：𠮷野"
    example = make_example(text, [fact("ＡＢ🎬", "导演", "𠮷野")], NOTHING_KNOWN, schema.label_ids)
    assert spans(example, text) == {("ＡＢ🎬", 1, "𠮷野")}


def test_a_long_sentence_teaches_in_windows_and_a_fact_only_where_it_is_whole(schema: Schema):
    text = "《山河》导演王明" + "，" * 100 + "《星海》导演李华"
    facts = (fact("山河", "导演", "王明"), fact("星海", "导演", "李华"), fact("山河", "主演", "李华"))
    made = make_examples(LabelledSentence("train:1", text, facts), NOTHING_KNOWN, schema.label_ids, 64, 16)
    assert [len(example.inputs) for example in made] == [64, 64, 64]
    assert [len(example.objects) for example in made] == [1, 0, 1]


def test_a_sentence_without_facts_teaches_that_there_are_none(schema: Schema):
    example = make_example("今天下雨", [], NOTHING_KNOWN, schema.label_ids)
    assert example.subjects.shape == (0, 2)
    assert example.objects.shape == (0, 4)
    assert example.inputs.characters.dtype == np.int32
