"""Windows over long texts: they overlap, so that a fact across a cut is whole in one of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A part of one text: characters `start` to `end`, end excluded."""

    text_index: int
    start: int
    end: int
    text_length: int

    def is_whole(self, start: int, end: int) -> bool:
        """Return whether a span of the text cannot have been cut by this window's edges.

        A span that touches an edge inside the text may be half a name; the neighbouring window has all of it.
        """
        left_is_sound = start > self.start or self.start == 0
        right_is_sound = end < self.end or self.end == self.text_length
        return left_is_sound and right_is_sound


def cut_windows(text_index: int, length: int, window: int, overlap: int) -> list[Window]:
    """Cut one text into windows; an empty text has none.

    Args:
        text_index: the number of the text among its neighbours.
        length: characters of the text.
        window: maximum number of characters in a window.
        overlap: characters that neighbouring windows share; a fact that is not longer is whole in at least one window.
    """
    if length == 0:
        return []
    stride = window - overlap
    starts = range(0, max(length - overlap, 1), stride)
    # The last window is moved back to full width: more context, and no sliver of a text by itself.
    return [
        Window(text_index, max(0, min(start, length - window)), min(start + window, length), length) for start in starts
    ]
