"""`ask`: one question, answered on the terminal.

python -m ckgqa_answer ask --graph build/graph --endpoint http://127.0.0.1:8080 --question 《战狼2》是谁导演的
"""

import json
import logging
import os
import sys
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file
from ckgqa_answer.ask_settings import AskSettings
from ckgqa_answer.confidence import calibration_of
from ckgqa_answer.opening import open_application, open_model
from ckgqa_answer.quiet import quieten
from ckgqa_answer.reply import Reply, ShownFact
from ckgqa_answer.sealing import KEY_VARIABLE
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.waiting import wait_for

logger = logging.getLogger(__name__)

MOST_FACTS = 5
"""Facts that are shown below an answer; `--json true` shows all."""


def ask(settings: AskSettings) -> None:
    """Answer one question.

    Raises:
        InputError: the question, the conversation, the graph or the model is wrong.
        ServiceError: the model or the graph is down.
    """
    quieten()
    conversation = Path(settings.conversation) if settings.conversation else None
    context = _kept(conversation) if conversation and settings.follow_up else settings.context
    application = open_application(
        settings.graph,
        open_model(settings.endpoint, settings.model_timeout_s),
        url=settings.graph_url,
        settings=AnswerSettings(context_key=os.environ.get(KEY_VARIABLE, "")),
        calibration=calibration_of(settings.calibration),
        index=Path(settings.index) if settings.index else None,
        connections=1,
    )
    if settings.wait_s:
        wait_for(settings.endpoint, settings.wait_s)
    reply = application.ask(settings.question, context or None)
    application.graph.close()
    sys.stdout.write(json.dumps(reply.as_record(), ensure_ascii=False) + "\n" if settings.json else told(reply))
    sys.stdout.flush()
    if conversation:
        _keep(conversation, reply.context)


def _kept(conversation: Path) -> str:
    """Read the context that a conversation has come to.

    Raises:
        InputError: there is none.
    """
    if not conversation.is_file():
        raise InputError(
            f"{conversation}: there is no conversation to go on with yet; ask a question that does not follow one first"
        )
    return conversation.read_text(encoding="utf-8", errors="replace")  # what is no text is refused as a context


def _keep(conversation: Path, context: str) -> None:
    """Keep the context for the next question; the answer is there, whether that can be done or not."""
    try:
        with atomic_file(conversation) as work:
            work.write_text(context, encoding="utf-8")
    except OSError as error:
        lost = "no question can follow this answer"
        logger.warning("the conversation cannot be kept (%s): %s; give a file that can be written", error, lost)


def told(reply: Reply) -> str:
    """Write a reply for a terminal: the answer, how sure it is, what was understood, the facts and their sentences."""
    lines = [reply.answer]
    if reply.understood.text:
        lines.append(f"听懂的是：{reply.understood.text}")
    if reply.status == "answered":
        lines.append(f"把握：{reply.confidence:.0%}")
    lines += [line for fact in reply.facts[:MOST_FACTS] for line in _fact_lines(fact)]
    if len(reply.facts) > MOST_FACTS:
        lines.append(f"……另有 {len(reply.facts) - MOST_FACTS} 条事实")
    return "\n".join(lines) + "\n"


def _fact_lines(fact: ShownFact) -> list[str]:
    """Write a fact, and under it the sentences that say it."""
    slots = "".join(f"，{role}：{name}" for role, name in fact.slots.items())
    source = "人工标注" if fact.source == "labelled" else f"模型抽取，得分 {fact.score:.2f}"
    first = f"- {fact.subject} {fact.predicate} {fact.object}{slots}（{source}）"
    return [first, *(f"  “{sentence.text}”" for sentence in fact.evidence)]
