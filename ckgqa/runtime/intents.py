"""The intent of a question: the label that the generator writes, the model predicts and the answerer executes.

A fact has a subject, a predicate and slots (`@value`, and perhaps `inWork`, `onDate`, ...). A question names the
fillers of some roles and asks for another role, so that one form of label covers both directions and every slot:
`list:导演/@value` asks for the director of a film, `list:导演/subject` for the films of a director, `list:饰演/inWork`
for the work in which somebody plays a role. In a chain of two steps, `list:导演/@value>妻子/@value`, the second step
starts from the answer of the first.
"""

from dataclasses import dataclass
from typing import Literal, Self, get_args

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.errors import InputError

Kind = Literal["list", "count", "yes_no", "outside"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_STEPS = 2


@dataclass(frozen=True)
class Step:
    """One predicate, and the role of its facts that the question asks for."""

    predicate: str
    asked: str

    @property
    def label(self) -> str:
        """`predicate/role`."""
        return f"{self.predicate}/{self.asked}"

    @property
    def given_role(self) -> str:
        """The role that the question, or the answer of the step before, fills in this step."""
        return VALUE if self.asked == SUBJECT else SUBJECT

    @classmethod
    def parse(cls, label: str) -> Self:
        """Parse `predicate/role`; a predicate may contain a slash, a role may not.

        Raises:
            InputError: the label has no slash, or nothing before or after the last slash.
        """
        predicate, _, asked = label.rpartition("/")
        if not predicate or not asked:
            raise InputError(f"{label!r} is no step of a question: expected PREDICATE/ROLE, such as 导演/@value")
        return cls(predicate, asked)


@dataclass(frozen=True)
class Intent:
    """The form of the answer (`kind`) and the chain of steps that finds it; `outside` is beyond the schema."""

    kind: Kind
    chain: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Reject an intent that no question can have.

        Raises:
            InputError: the kind is unknown, or it cannot have this number of steps.
        """
        if self.kind not in KINDS:
            raise InputError(f"{self.kind!r} is no kind of question: expected one of {', '.join(KINDS)}")
        if (self.kind == "outside") != (not self.chain) or len(self.chain) > MAX_STEPS:
            raise InputError(f"a question of kind {self.kind} cannot have {len(self.chain)} steps")

    @property
    def label(self) -> str:
        """`kind:step>step`, or `outside`."""
        return f"{self.kind}:{'>'.join(step.label for step in self.chain)}" if self.chain else self.kind

    @property
    def parts(self) -> tuple[str, str, str]:
        """The kind and the labels of the first and second step; the label of an absent step is empty."""
        first, second, *_ = (*(step.label for step in self.chain), "", "")
        return self.kind, first, second

    @classmethod
    def parse(cls, label: str) -> Self:
        """Parse a label.

        Raises:
            InputError: the text is not the label of an intent.
        """
        kind, _, chain = label.partition(":")
        return cls.of_parts(kind, *chain.split(">")) if chain else cls.of_parts(kind)

    @classmethod
    def of_parts(cls, kind: str, *steps: str) -> Self:
        """Build an intent from its parts, without the empty steps.

        Raises:
            InputError: the parts do not form an intent.
        """
        if kind not in KINDS:
            raise InputError(f"{kind!r} is no kind of question: expected one of {', '.join(KINDS)}")
        return cls(kind, tuple(Step.parse(step) for step in steps if step))
