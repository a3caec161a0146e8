"""Settings of the answerer: what a question may be, how far the answerer searches, and how often it retries."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from ckgqa.runtime.retry import RetryPolicy
from ckgqa.runtime.settings import CheckedSettings

REQUEST_RETRIES = RetryPolicy(attempts=3, wait_s=0.1, longest_wait_s=5.0, jitter=0.25, deadline_s=10.0)
"""Retries of a request to the model or the graph; whoever waits at a page has gone after the deadline."""


@dataclass(frozen=True)
class AnswerSettings(CheckedSettings):
    """How the answerer answers."""

    max_question_chars: Annotated[int, Ge(1)] = 128
    """Longest question, in characters; `train_jointbert` trains a model for questions of this length."""
    min_intent_ratio: Annotated[float, Gt(0), Le(1)] = 0.01
    """Least probability of an intent that is searched for, as a share of the likeliest intent's probability."""
    max_interpretations: Annotated[int, Ge(1)] = 16
    """Most interpretations of a question that are searched for."""
    max_candidates: Annotated[int, Ge(1)] = 3
    """Most entities that a mention is linked to."""
    min_link_quality: Annotated[float, Gt(0), Le(1)] = 0.78
    """Least link quality of a candidate; if a mention has none, the answerer reports its name as not found."""
    max_rows: Annotated[int, Ge(1)] = 500
    """Most facts that one question fetches from the graph: a limit on the neighbourhood of a supernode."""
    max_facts: Annotated[int, Ge(1)] = 50
    """Most facts that a reply shows with their sentences."""
    max_listed: Annotated[int, Ge(1)] = 10
    """Most names that the answer's wording lists."""
    context_key: str = ""
    """Secret that signs contexts and receipts; all servers behind one address need the same. If it is empty, a public
    default key signs them: damage is still detected, forgery is not."""
