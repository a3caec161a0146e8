"""The label sets of the model: kinds and steps of intents, and roles of slots."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from ckgqa.runtime.artefacts import LABELS_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import KINDS, Intent, Step
from ckgqa.runtime.jsonlines import read_json, write_json

NO_STEP = ""  # the class of a step head for an intent without that step
OUTSIDE_TAG = 0  # O, the BIO tag of a character outside every slot


@dataclass(frozen=True)
class Labels:
    """The label sets; the id of a label is its index."""

    kinds: tuple[str, ...]
    steps: tuple[str, ...]
    """`PREDICATE/ROLE`, sorted."""
    roles: tuple[str, ...]
    """Roles of slots, sorted."""

    @property
    def step_classes(self) -> tuple[str, ...]:
        """The classes of both step heads: no step, then every step."""
        return (NO_STEP, *self.steps)

    @property
    def tags(self) -> tuple[str, ...]:
        """The BIO tags: O, then B and I of each role in turn."""
        return ("O", *(f"{letter}-{role}" for role in self.roles for letter in "BI"))

    @cached_property
    def _ids(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        return {kind: n for n, kind in enumerate(self.kinds)}, {step: n for n, step in enumerate(self.step_classes)}

    def intent_ids(self, intent: Intent) -> tuple[int, int, int]:
        """Return the classes of an intent's kind, first step and second step.

        Raises:
            KeyError: the label sets lack one of them.
        """
        kinds, steps = self._ids
        kind, first, second = intent.parts
        return kinds[kind], steps[first], steps[second]

    def missing_from(self, other: "Labels") -> list[str]:
        """List the labels that another instance lacks."""
        pairs = ((self.kinds, other.kinds), (self.steps, other.steps), (self.roles, other.roles))
        return [label for mine, theirs in pairs for label in mine if label not in theirs]


def read_labels(folder: Path) -> Labels:
    """Read labels.json.

    Raises:
        InputError: the file is missing or does not hold kinds, steps and roles.
    """
    path = folder / LABELS_JSON
    content = read_json(path)
    labels = Labels(*(_checked_names(path, content.get(name), name) for name in ("kinds", "steps", "roles")))
    unknown = [kind for kind in labels.kinds if kind not in KINDS]
    if unknown or not labels.kinds or not labels.steps:
        raise InputError(f"{path}: expected some steps and some of the kinds {', '.join(KINDS)}, found {unknown}")
    for step in labels.steps:
        Step.parse(step)
    return labels


def write_labels(folder: Path, labels: Labels) -> None:
    """Write labels.json."""
    write_json(folder / LABELS_JSON, asdict(labels))


def _checked_names(path: Path, value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise InputError(f"{path}: {key} is {value!r:.80}; a list of names is expected")
    if len(set(value)) != len(value):
        raise InputError(f"{path}: {key} holds a name twice")
    return tuple(value)
