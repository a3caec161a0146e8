"""What a question asks for: the label that the generator writes, the model predicts and the answerer looks up.

A fact is a subject, a predicate and slots (`@value`, and perhaps `inWork`, `onDate`, ...). A question gives some of
these roles and asks for another, so that one form serves both directions and every slot: `list:导演/@value` asks for
the director of a film that is given, `list:导演/subject` for the films of a director, `list:饰演/inWork` for the work
in which somebody plays a role. A chain of two steps, `list:导演/@value>妻子/@value`, asks the second of what the first
finds.
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
    """One predicate, and the role of its facts that is asked for."""

    predicate: str
    asked: str

    @property
    def label(self) -> str:
        """`predicate/role`."""
        return f"{self.predicate}/{self.asked}"

    @property
    def given(self) -> str:
        """The role that the answer of an earlier step takes in this one."""
        return VALUE if self.asked == SUBJECT else SUBJECT

    @classmethod
    def parse(cls, label: str) -> Self:
        """Read `predicate/role`; a predicate may hold a slash, a role may not.

        Raises:
            InputError: no slash, or nothing before or after the last one.
        """
        predicate, _, asked = label.rpartition("/")
        if not predicate or not asked:
            raise InputError(f"{label!r} is no step of a question: expected PREDICATE/ROLE, such as 导演/@value")
        return cls(predicate, asked)


@dataclass(frozen=True)
class Intent:
    """How an answer is put (`kind`) and the chain of steps that finds it; `outside` means none of the schema's."""

    kind: Kind
    chain: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no question can ask.

        Raises:
            InputError: an unknown kind, too many steps, none where one is needed, or one where none can be.
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
        """Kind, first step and second step, each a label of its own; empty where there is none."""
        first, second, *_ = (*(step.label for step in self.chain), "", "")
        return self.kind, first, second

    @classmethod
    def parse(cls, label: str) -> Self:
        """Read what `label` wrote.

        Raises:
            InputError: it is not of that form.
        """
        kind, _, chain = label.partition(":")
        return cls.of_parts(kind, *chain.split(">")) if chain else cls.of_parts(kind)

    @classmethod
    def of_parts(cls, kind: str, *steps: str) -> Self:
        """Join what `parts` took apart; empty steps are left out.

        Raises:
            InputError: the parts do not go together.
        """
        if kind not in KINDS:
            raise InputError(f"{kind!r} is no kind of question: expected one of {', '.join(KINDS)}")
        return cls(kind, tuple(Step.parse(step) for step in steps if step))
