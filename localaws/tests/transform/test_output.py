import io

import pytest
from localaws.transform.output import append


def assembled(answers: list[bytes], assemble_with: str) -> bytes:
    output = io.BytesIO()
    for answer in answers:
        append(output, io.BytesIO(answer), assemble_with)
    return output.getvalue()


@pytest.mark.parametrize(
    ("answers", "assemble_with", "expected"),
    [
        ([b"1", b"2"], "None", b"12"),
        ([b"1", b"2"], "Line", b"1\n2\n"),
        ([b"1\n2\n", b"3\n"], "Line", b"1\n2\n3\n"),
        ([b"1", b"", b"3"], "Line", b"1\n\n3\n"),
        ([], "Line", b""),
    ],
)
def test_answers_are_assembled(answers, assemble_with, expected):
    assert assembled(answers, assemble_with) == expected
