"""Makes `toy` importable: the task that the loop's tests train."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
