"""Long texts in windows: cut with overlap, so that a fact across a cut is whole in one of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A part of one text: characters `start` to `end`, end excluded."""

    text_index: int
    start: int
    end: int
    text_length: int

    def whole(self, start: int, end: int) -> bool:
        """Say whether a span of the text cannot have been cut by this window's edges.

        A span that touches an edge inside the text may be half a name; the neighbouring window has all of it.
        """
        left_is_sound = start > self.start or self.start == 0
        right_is_sound = end < self.end or self.end == self.text_length
        return left_is_sound and right_is_sound


def cut(text_index: int, length: int, window: int, overlap: int) -> list[Window]:
    """Cut one text of `length` characters.

    Args:
        text_index: which text it is.
        length: its characters; an empty text has no window.
        window: most characters in a window.
        overlap: characters that neighbours share; a fact that is not longer is whole in at least one.
    """
    if length == 0:
        return []
    stride = window - overlap
    starts = range(0, max(length - overlap, 1), stride)
    # The last window is moved back to full width: more context, and no sliver of a text by itself.
    return [
        Window(text_index, max(0, min(start, length - window)), min(start + window, length), length) for start in starts
    ]
