"""A model of characters: one number for each, framed by [CLS] and [SEP]; the text is never changed."""

from pathlib import Path

import pytest
from ckgqa_train_jointbert.data.vocabulary import (
    CLS,
    SEP,
    UNKNOWN,
    CharacterVocabulary,
    learn_vocabulary,
    read_vocabulary,
    write_vocabulary,
)

from ckgqa.runtime.errors import InputError

VOCABULARY = CharacterVocabulary(("2", "a", "战", "狼"))


def test_every_character_is_one_position_whatever_it_is():
    text = "《战狼２》Ａ👨‍👩‍👧𠮷\ud83d\u3000é"  # full width, a joined emoji, a rare character, half a surrogate pair
    ids = VOCABULARY.encode(text)
    assert len(ids) == len(text) + 2
    assert (ids[0], ids[-1]) == (CLS, SEP)
    assert ids[2:5] == [6, 7, 4]  # 战 狼 2
    assert ids[6] == 5  # a
    assert set(ids[7:-1]) == {UNKNOWN}


def test_rows_are_counted_with_the_special_ones():
    assert len(VOCABULARY) == 8
    assert max(VOCABULARY.encode("2a战狼")) == 7


def test_rare_characters_are_left_out():
    assert learn_vocabulary(["abab", "abc"], min_count=2).characters == ("a", "b")


def test_what_is_written_is_read_back(tmp_path: Path):
    write_vocabulary(tmp_path, VOCABULARY)
    assert read_vocabulary(tmp_path) == VOCABULARY


@pytest.mark.parametrize("content", ["{}", '{"characters": "ab"}', '{"characters": ["ab"]}', '{"characters": [1]}'])
def test_a_broken_vocabulary_is_refused(tmp_path: Path, content: str):
    (tmp_path / "vocabulary.json").write_text(content)
    with pytest.raises(InputError, match=r"vocabulary\.json: not a vocabulary"):
        read_vocabulary(tmp_path)
