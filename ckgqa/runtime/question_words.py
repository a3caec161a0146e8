"""Words of Chinese questions that tell their kind; baselines without a model search for them."""

import re

COUNT_WORDS = re.compile("几[部首位个本家所项张]|多少[部首位个本家所项张]")
"""How many: 几 or 多少 with a measure word."""
YES_NO_WORDS = re.compile("吗|是不是|是否")
"""Whether: the particle 吗, or a positive-negative question."""
