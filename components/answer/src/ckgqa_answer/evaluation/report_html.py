"""The report for a browser: one HTML page that loads nothing. Its template escapes every value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from ckgqa.metrics import ReliabilityBin
from ckgqa.reporting.page import as_markup, template_environment
from ckgqa.runtime.artefacts import Split
from ckgqa_answer.confidence.fit import HIGH_CONFIDENCE
from ckgqa_answer.evaluation.metrics import AnswerScores
from ckgqa_answer.evaluation.run import EvaluatedQuestion

PACKAGE = __name__.rpartition(".")[0]
SHOWN_VALUES = 8


def report_html(
    split: Split,
    scores: AnswerScores,
    baseline: AnswerScores,
    wrong: Mapping[str, Sequence[EvaluatedQuestion]],
    rule: str,
) -> str:
    """Return report.html.

    Args:
        split: name of the split.
        scores: of the answerer.
        baseline: of the baseline.
        wrong: wrong answers by shape, the most confident first.
        rule: says when an answer is right.
    """
    return (
        template_environment(PACKAGE)
        .get_template("report.html")
        .render(
            title=f"Answers: {scores.all.accuracy:.1%} exactly right",
            style_sheet=as_markup(files(PACKAGE).joinpath("report.css").read_text(encoding="utf-8")),
            split=split,
            scores=scores,
            baseline=baseline,
            rule=rule,
            headline_figures=_headline_figures(scores, baseline),
            curve=ReliabilityCurve(scores.reliability),
            wrong={shape: [WrongAnswer.of(each) for each in examples] for shape, examples in wrong.items()},
        )
    )


def _headline_figures(scores: AnswerScores, baseline: AnswerScores) -> dict[str, str]:
    one_hop, unanswerable, confident = scores.one_hop, scores.unanswerable, scores.high_confidence
    return {
        "of all questions exactly right": f"{scores.all.accuracy:.1%}",
        "the baseline without a model": f"{baseline.all.accuracy:.1%}",
        f"right of {one_hop.questions:,} clean ones of one hop": f"{one_hop.accuracy:.1%}",
        f"answered of {unanswerable.questions:,} without an answer": f"{unanswerable.answered_share:.1%}",
        f"right of {confident.questions:,} answers at {HIGH_CONFIDENCE:g} and above": f"{confident.accuracy:.1%}",
        "median reply": f"{scores.median_ms:.0f} ms",
    }


@dataclass(frozen=True)
class ReliabilityPoint:
    """A bin of the reliability curve, in pixels."""

    x: float
    y: float
    radius: float
    tip: str


@dataclass(frozen=True)
class ReliabilityCurve:
    """The geometry of the reliability curve."""

    bins: Sequence[ReliabilityBin]
    WIDTH = 460
    HEIGHT = 400
    EDGE = 52

    @property
    def description(self) -> str:
        """The figures of the curve, for readers who cannot see it."""
        return "; ".join(
            f"{each.count} answers at {each.confidence:.2f}: {each.accuracy:.0%} right" for each in self.bins
        )

    @property
    def points(self) -> list[ReliabilityPoint]:
        """The points; the more answers, the larger."""
        most = max((each.count for each in self.bins), default=1)
        return [
            ReliabilityPoint(
                self.x(each.confidence),
                self.y(each.accuracy),
                round(3 + 7 * (each.count / most) ** 0.5, 1),
                f"{each.count} answers, confidence {each.confidence:.2f}, {each.accuracy:.1%} right",
            )
            for each in self.bins
        ]

    def x(self, confidence: float) -> float:
        """Return the horizontal position of a confidence."""
        return round(self.EDGE + confidence * (self.WIDTH - self.EDGE - 16), 1)

    def y(self, share: float) -> float:
        """Return the vertical position of a share of right answers."""
        return round(self.HEIGHT - self.EDGE - share * (self.HEIGHT - self.EDGE - 32), 1)


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer as the report shows it."""

    id: str
    text: str
    intent: str
    expected: str
    reply: str
    """The values, or the status if there is no answer."""
    confidence: float
    understood: str
    names: str

    @classmethod
    def of(cls, evaluated: EvaluatedQuestion) -> "WrongAnswer":
        """Shorten an evaluated question."""
        question, reply = evaluated.question, evaluated.reply
        return cls(
            id=question.id,
            text=question.text,
            intent=question.intent.label,
            expected=_listed(sorted(evaluated.expected)),
            reply=_listed(reply.values) if evaluated.answered else reply.status,
            confidence=reply.confidence,
            understood=reply.understood.intent,
            names="、".join(mention.name or "?" for mention in reply.understood.mentions),
        )


def _listed(values: Sequence[str]) -> str:
    shown = "、".join(values[:SHOWN_VALUES])
    return f"{shown}… ({len(values)})" if len(values) > SHOWN_VALUES else shown
