"""`ask`: answers one question on the terminal.

python -m ckgqa_answer ask --graph build/graph --endpoint http://127.0.0.1:8080 --question 《战狼2》是谁导演的
"""

import json
import logging
import os
import sys
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file
from ckgqa_answer.commands.logging_config import silence_noisy_loggers
from ckgqa_answer.commands.settings import AskSettings
from ckgqa_answer.confidence.calibration import load_calibration
from ckgqa_answer.dialogue.signing import KEY_VARIABLE
from ckgqa_answer.factory import open_application, open_model
from ckgqa_answer.generation.reply import Reply, ReplyFact
from ckgqa_answer.question_model.readiness import wait_until_ready
from ckgqa_answer.settings import AnswerSettings

logger = logging.getLogger(__name__)

MAX_FACTS = 5
"""Facts that are shown below an answer; `--json true` shows all."""


def ask(settings: AskSettings) -> None:
    """Answer one question.

    Raises:
        InputError: the question, the conversation, the graph or the model is wrong.
        ServiceError: the model or the graph is down.
    """
    silence_noisy_loggers()
    conversation = Path(settings.conversation) if settings.conversation else None
    context = _read_context(conversation) if conversation and settings.follow_up else settings.context
    application = open_application(
        settings.graph,
        open_model(settings.endpoint, settings.model_timeout_s),
        url=settings.graph_url,
        settings=AnswerSettings(context_key=os.environ.get(KEY_VARIABLE, "")),
        calibration=load_calibration(settings.calibration),
        index=Path(settings.index) if settings.index else None,
        connections=1,
    )
    if settings.wait_s:
        wait_until_ready(settings.endpoint, settings.wait_s)
    reply = application.ask(settings.question, context or None)
    application.graph.close()
    text = json.dumps(reply.as_record(), ensure_ascii=False) + "\n" if settings.json else format_reply(reply)
    sys.stdout.write(text)
    sys.stdout.flush()
    if conversation:
        _write_context(conversation, reply.context)


def _read_context(conversation: Path) -> str:
    """Read the context of a conversation.

    Raises:
        InputError: there is no conversation.
    """
    if not conversation.is_file():
        raise InputError(
            f"{conversation}: there is no conversation to go on with yet; ask a question that does not follow one first"
        )
    return conversation.read_text(encoding="utf-8", errors="replace")  # invalid UTF-8 fails the signature check later


def _write_context(conversation: Path, context: str) -> None:
    """Write the context for the next question; the answer is printed already, so a failure is only a warning."""
    try:
        with atomic_file(conversation) as work:
            work.write_text(context, encoding="utf-8")
    except OSError as error:
        consequence = "no question can follow this answer"
        logger.warning(
            "the conversation cannot be stored (%s): %s; choose a file that can be written", error, consequence
        )


def format_reply(reply: Reply) -> str:
    """Format a reply for a terminal: the answer, its confidence, how it was understood, the facts with sentences."""
    lines = [reply.answer]
    if reply.understood.text:
        lines.append(f"理解为：{reply.understood.text}")
    if reply.confidence > 0:
        lines.append(f"置信度：{reply.confidence:.0%}")
    lines += [line for fact in reply.facts[:MAX_FACTS] for line in _fact_lines(fact)]
    if len(reply.facts) > MAX_FACTS:
        lines.append(f"……另有 {len(reply.facts) - MAX_FACTS} 条事实")
    return "\n".join(lines) + "\n"


def _fact_lines(fact: ReplyFact) -> list[str]:
    """Format a fact, and under it the sentences that state it."""
    slots = "".join(f"，{role}：{name}" for role, name in fact.slots.items())
    source = "人工标注" if fact.source == "labelled" else f"模型抽取，得分 {fact.score:.2f}"
    first = f"- {fact.subject} {fact.predicate} {fact.object}{slots}（{source}）"
    return [first, *(f"  “{sentence.text}”" for sentence in fact.evidence)]
