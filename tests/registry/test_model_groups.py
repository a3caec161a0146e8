"""A group judges its models by figures that the reports of their stage hold."""

from ckgqa_train_jointbert.evaluation.report import figures
from ckgqa_train_jointbert.evaluation.scoring import QuestionScores

from ckgqa.metrics import PrecisionRecall
from ckgqa.registry.model_groups import GROUPS


def test_the_report_on_a_question_model_holds_the_figures_of_its_group():
    report = figures(QuestionScores(1, 1, 1, PrecisionRecall(1, 1, 1)))
    assert set(GROUPS["question-model"].figures) <= report.keys()
