"""The confusion matrix as a picture: a row for each of the most confused intents, and one for all others."""

from collections import Counter
from collections.abc import Mapping

from ckgqa.reporting.pictures import Cell, heat_map

MAX_INTENTS = 30  # rows that a person can still read on a page
OTHERS = "(others)"


def confusion_picture(confusion: Mapping[tuple[str, str], int]) -> str:
    """Draw the matrix with a row for each labelled intent and a column for each predicted one.

    Args:
        confusion: (labelled intent, predicted intent) -> questions.
    """
    names = shown_intents(confusion)
    indices = {name: index for index, name in enumerate(names)}
    cells: Counter[tuple[str, str]] = Counter()
    for (label, prediction), count in confusion.items():
        cells[label if label in indices else OTHERS, prediction if prediction in indices else OTHERS] += count
    rows: Counter[str] = Counter()
    for (label, _), count in cells.items():
        rows[label] += count
    wrong = sum(count for (label, prediction), count in confusion.items() if label != prediction)
    drawn = [
        Cell(
            indices[label], indices[prediction], count / rows[label], str(count),
            f"{label} read as {prediction}: {count} of {rows[label]}",
        )
        for (label, prediction), count in sorted(cells.items())
    ]  # fmt: skip
    summary = f"{wrong} of {sum(confusion.values())} questions have another intent than labelled"
    return heat_map("Confusion of intents", summary, names, drawn, down="labelled", across="predicted")


def shown_intents(confusion: Mapping[tuple[str, str], int]) -> list[str]:
    """Select the intents with a row of their own: those with most confusions, then those with most questions."""
    confused: Counter[str] = Counter()
    questions: Counter[str] = Counter()
    for (label, prediction), count in confusion.items():
        questions[label] += count
        questions[prediction] += 0
        if label != prediction:
            confused[label] += count
            confused[prediction] += count
    ordered = sorted(questions, key=lambda name: (-confused[name], -questions[name], name))
    selected = sorted(ordered[:MAX_INTENTS])
    return [*selected, OTHERS] if len(ordered) > MAX_INTENTS else selected
