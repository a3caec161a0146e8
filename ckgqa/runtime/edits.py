"""How far two texts are apart, in edits."""


def is_one_edit(first: str, second: str) -> bool:
    """Return whether two texts are equal, or one insertion, deletion, substitution or swap of neighbours apart."""
    if len(first) > len(second):
        first, second = second, first
    start = 0  # where the texts begin to differ
    while start < len(first) and first[start] == second[start]:
        start += 1
    if len(first) < len(second):
        return len(second) - len(first) == 1 and first[start:] == second[start + 1 :]
    swapped = first[start : start + 2] == second[start : start + 2][::-1] and first[start + 2 :] == second[start + 2 :]
    return swapped or first[start + 1 :] == second[start + 1 :]
