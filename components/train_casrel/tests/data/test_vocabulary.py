"""Every character is one position, whatever it is; what is not known itself is looked up in a plainer form."""

from pathlib import Path

import pytest
from ckgqa_train_casrel.data.vocabulary import (
    CHAR_TYPES,
    UNKNOWN,
    CasRelVocabulary,
    encode_char_types,
    learn_vocabulary,
    read_vocabulary,
    write_vocabulary,
)

from ckgqa.runtime.errors import InputError

HARD = "《Ａb👨‍👩‍👧》2019年𠮷野\ud83d\u3000 é\n"  # full width, a joined emoji, a rare character, half a surrogate pair


@pytest.fixture
def vocabulary() -> CasRelVocabulary:
    return CasRelVocabulary({"a": 2, "b": 3, "B": 4, "年": 5, "2": 6}, UNKNOWN, ("ab", "\na", "年\n"))


def test_every_character_has_one_id_and_two_neighbours_and_a_kind(vocabulary: CasRelVocabulary):
    assert vocabulary.encode_characters(HARD).shape == (len(HARD),)
    assert vocabulary.encode_bigrams(HARD).shape == (len(HARD), 2)
    assert encode_char_types(HARD).shape == (len(HARD),)


def test_a_capital_is_itself_where_it_is_known_and_else_its_small_letter(vocabulary: CasRelVocabulary):
    assert vocabulary.encode_characters("ABab").tolist() == [2, 4, 2, 3]


def test_a_full_width_form_is_looked_up_as_its_plain_one(vocabulary: CasRelVocabulary):
    assert vocabulary.encode_characters("Ａａ２").tolist() == [2, 2, 6]


def test_what_is_not_known_is_unknown_also_the_second_time(vocabulary: CasRelVocabulary):
    assert vocabulary.encode_characters("𠮷👨𠮷").tolist() == [UNKNOWN] * 3
    assert vocabulary.encode_characters("𠮷").tolist() == [UNKNOWN]


def test_neighbours_are_the_pairs_with_left_and_right_and_edges_count(vocabulary: CasRelVocabulary):
    assert vocabulary.encode_bigrams("ab年").tolist() == [[3, 2], [2, UNKNOWN], [UNKNOWN, 4]]


def test_an_empty_text_has_no_ids(vocabulary: CasRelVocabulary):
    assert vocabulary.encode_characters("").shape == (0,)
    assert vocabulary.encode_bigrams("").shape == (0, 2)


def test_kinds_tell_digits_capitals_brackets_and_chinese_apart():
    names = [CHAR_TYPES[kind] for kind in encode_char_types("国3Aa 《》，😀")]
    assert names == ["chinese", "digit", "capital", "letter", "space", "opening", "closing", "punctuation", "other"]


def test_rare_characters_and_pairs_are_left_out():
    learnt = learn_vocabulary(["abab", "abc"], min_count=2, max_bigrams=2, min_bigram_count=2)
    assert dict(learnt.characters) == {"a": 2, "b": 3}
    assert learnt.bigrams == ("ab", "\na")


def test_what_is_written_is_read_back(tmp_path: Path, vocabulary: CasRelVocabulary):
    write_vocabulary(tmp_path / "vocabulary.json", vocabulary)
    assert read_vocabulary(tmp_path / "vocabulary.json") == vocabulary


@pytest.mark.parametrize("content", ["{", "[]", '{"characters": {}}'])
def test_a_broken_vocabulary_is_refused_by_name(tmp_path: Path, content: str):
    (tmp_path / "vocabulary.json").write_text(content)
    with pytest.raises(InputError, match=r"vocabulary\.json: not a vocabulary"):
        read_vocabulary(tmp_path / "vocabulary.json")


def test_a_missing_vocabulary_is_refused_by_name(tmp_path: Path):
    with pytest.raises(InputError, match=r"vocabulary\.json is missing"):
        read_vocabulary(tmp_path / "vocabulary.json")
