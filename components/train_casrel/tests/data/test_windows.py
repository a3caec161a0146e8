"""Windows cover every text, and a fact no longer than the overlap is is_whole and sound in at least one."""

import pytest
from ckgqa_train_casrel.data.windows import Window, cut_windows


def test_a_text_that_fits_is_one_window():
    assert cut_windows(3, 100, window=100, overlap=20) == [Window(3, 0, 100, 100)]


def test_an_empty_text_has_no_window():
    assert cut_windows(0, 0, window=100, overlap=20) == []


def test_the_last_window_is_moved_back_to_full_width():
    assert [(w.start, w.end) for w in cut_windows(0, 101, window=100, overlap=20)] == [(0, 100), (1, 101)]


@pytest.mark.parametrize("length", [1, 63, 64, 65, 100, 111, 112, 113, 1000])
@pytest.mark.parametrize("overlap", [0, 10, 32])
def test_every_character_is_covered(length: int, overlap: int):
    windows = cut_windows(0, length, window=64, overlap=overlap)
    assert {i for w in windows for i in range(w.start, w.end)} == set(range(length))
    assert all(w.end - w.start <= 64 for w in windows)


def test_every_span_shorter_than_the_overlap_is_whole_somewhere():
    length, overlap = 1000, 16
    windows = cut_windows(0, length, window=64, overlap=overlap)
    # A sound span keeps one character of distance to a cut, on either side.
    for size in range(1, overlap - 1):
        for start in range(length - size + 1):
            assert any(w.start <= start and start + size <= w.end and w.is_whole(start, start + size) for w in windows)


def test_a_span_at_a_cut_is_not_trusted_and_one_at_the_texts_own_end_is():
    first, last = cut_windows(0, 110, window=64, overlap=18)
    assert not first.is_whole(60, 64)
    assert not last.is_whole(46, 50)
    assert first.is_whole(0, 5)
    assert last.is_whole(105, 110)
