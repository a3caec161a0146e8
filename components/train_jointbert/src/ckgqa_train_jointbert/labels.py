"""What can be predicted: the kinds and steps of intents, and the roles of the names in a question."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from ckgqa.runtime.artefacts import LABELS_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import KINDS, Intent, Step
from ckgqa.runtime.jsonlines import read_json, write_json

NO_STEP = ""  # the class of a head that says: there is no such step
OUTSIDE = 0  # the tag of a character that belongs to no name


@dataclass(frozen=True)
class Labels:
    """The label sets; ids are places in these lists."""

    kinds: tuple[str, ...]
    steps: tuple[str, ...]
    """`PREDICATE/ROLE`, sorted."""
    roles: tuple[str, ...]
    """Roles of mentions, sorted."""

    @property
    def step_classes(self) -> tuple[str, ...]:
        """Give the classes of the two heads for steps: none, then every step."""
        return (NO_STEP, *self.steps)

    @property
    def tags(self) -> tuple[str, ...]:
        """Give the BIO tags: O, then B and I of every role in turn."""
        return ("O", *(f"{letter}-{role}" for role in self.roles for letter in "BI"))

    @cached_property
    def _ids(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        return {kind: n for n, kind in enumerate(self.kinds)}, {step: n for n, step in enumerate(self.step_classes)}

    def intent_ids(self, intent: Intent) -> tuple[int, int, int]:
        """Give the classes of an intent's kind, first and second step.

        Raises:
            KeyError: one of them is no label here.
        """
        kinds, steps = self._ids
        kind, first, second = intent.parts
        return kinds[kind], steps[first], steps[second]

    def missing_from(self, other: "Labels") -> list[str]:
        """List the labels here that another set does not have."""
        pairs = ((self.kinds, other.kinds), (self.steps, other.steps), (self.roles, other.roles))
        return [label for mine, theirs in pairs for label in mine if label not in theirs]


def read_labels(folder: Path) -> Labels:
    """Read labels.json.

    Raises:
        InputError: it is missing, or holds something else than kinds, steps and roles.
    """
    path = folder / LABELS_JSON
    content = read_json(path)
    labels = Labels(*(_names(path, content.get(name), name) for name in ("kinds", "steps", "roles")))
    unknown = [kind for kind in labels.kinds if kind not in KINDS]
    if unknown or not labels.kinds or not labels.steps:
        raise InputError(f"{path}: expected some steps and some of the kinds {', '.join(KINDS)}, found {unknown}")
    for step in labels.steps:
        Step.parse(step)
    return labels


def write_labels(folder: Path, labels: Labels) -> None:
    """Write labels.json."""
    write_json(folder / LABELS_JSON, asdict(labels))


def _names(path: Path, found: object, name: str) -> tuple[str, ...]:
    if not isinstance(found, Sequence) or isinstance(found, str) or not all(isinstance(one, str) for one in found):
        raise InputError(f"{path}: {name} is {found!r:.80}; a list of names is expected")
    if len(set(found)) != len(found):
        raise InputError(f"{path}: {name} holds a name twice")
    return tuple(found)
