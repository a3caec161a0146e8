"""The groups take what the stages write today."""

import pytest
from ckgqa_train_casrel import artefacts as casrel
from ckgqa_train_jointbert import evaluate as jointbert_evaluate
from ckgqa_train_jointbert import saving as jointbert

from ckgqa.registry.groups import GROUPS


@pytest.mark.parametrize(
    ("group", "written"),
    [("question-model", jointbert.MODEL), ("extraction-model", casrel.MODEL)],
)
def test_a_group_takes_the_format_that_its_stage_writes(group, written):
    assert GROUPS[group].model == written


def test_a_group_takes_the_report_that_its_stage_writes():
    assert GROUPS["question-model"].report == jointbert_evaluate.EVALUATION
