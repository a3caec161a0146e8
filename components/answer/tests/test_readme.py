"""The README's run works as it is shown."""

import re
from pathlib import Path

from .made import record
from .stub_server import serving

README = Path(__file__).parents[1] / "README.md"
FIRST = "《战狼2》是谁导演的？"
SECOND = "他的妻子呢？"


def test_the_run_that_is_shown_works(graph_folder):
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert FIRST in code
    assert SECOND in code
    records = {
        FIRST: record(FIRST, "list:导演/@value", {"subject": "战狼2"}),
        SECOND: record(SECOND, "list:妻子/@value", {"subject": "他"}),
    }
    with serving(records) as stub:
        code = code.replace("http://127.0.0.1:8080", stub.url).replace('Path("graph")', f'Path("{graph_folder}")')
        lines = code.strip().splitlines()
        shown = [(line.split("  # ")[0], line.split("  # ")[1]) for line in lines if "  # " in line]
        space: dict[str, object] = {}
        exec("\n".join(line for line in lines if "  # " not in line), space)
        (answer, said), (values, found) = shown
        assert eval(answer, space) == said
        assert eval(values, space) == eval(found)
        space["application"].graph.close()
        space["application"].model.close()
