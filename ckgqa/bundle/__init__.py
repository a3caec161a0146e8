"""Where the contracts, the stages, the pipelines, the images' files and localaws are, in a checkout as in a wheel.

In a checkout `components`, `pipelines`, `images` and `localaws` beside this file are links to the folders of the same
names at the top; in a wheel they are the folders themselves. Import from them as
`ckgqa.bundle.components.<stage>.component`.
"""

from pathlib import Path

ROOT = Path(__file__).parent
"""The folder that holds components/, pipelines/, images/ and localaws/."""


def find_stages(root: Path) -> tuple[str, ...]:
    """Name the stages under `root`, sorted: every folder of components/ that holds a contract, `component.py`."""
    return tuple(sorted(contract.parent.name for contract in root.glob("components/*/component.py")))


STAGES = find_stages(ROOT)
