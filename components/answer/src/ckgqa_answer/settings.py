"""Settings of the answerer: what a question may be, and how far it looks for an answer."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require


@dataclass(frozen=True)
class AnswerSettings:
    """How the answerer answers."""

    max_question_chars: int = 128
    """Longest question, in characters: as long as those that `train_jointbert` trains a model for."""
    reading_ratio: float = 0.01
    """Least probability of an intent that is looked up, as a share of the likeliest one's, 0 to 1."""
    max_readings: int = 16
    """Most readings of a question that are looked up, at least 1."""
    max_candidates: int = 3
    """Most names that a mention is tried as, at least 1."""
    min_link_quality: float = 0.78
    """How well a name must fit its mention, 0 to 1; below it, the name is reported as not found."""
    max_rows: int = 500
    """Most facts that one question brings from the graph, so that a hub does not bring its whole neighbourhood."""
    max_facts: int = 50
    """Most facts that a reply shows with their sentences."""
    max_listed: int = 10
    """Most names that the words of an answer list."""
    context_key: str = ""
    """Secret that seals the context of a conversation; all servers behind one address need the same. Without it a
    context is still checked, but a client that reads this program could write one itself."""

    def __post_init__(self) -> None:
        counts = {
            "max_question_chars": self.max_question_chars,
            "max_readings": self.max_readings,
            "max_candidates": self.max_candidates,
            "max_rows": self.max_rows,
            "max_facts": self.max_facts,
            "max_listed": self.max_listed,
        }
        for name, value in counts.items():
            require(value >= 1, f"{name} is {value}: at least 1 is expected")
        for name, share in (("reading_ratio", self.reading_ratio), ("min_link_quality", self.min_link_quality)):
            require(0 < share <= 1, f"{name} is {share}: a number above 0 and at most 1 is expected")
