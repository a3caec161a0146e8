"""`python -m ckgqa.sample --output sample.zip` writes the bundled sample."""

import argparse
import logging
import sys
from pathlib import Path

from ckgqa.runtime.log import set_up_logging
from ckgqa.sample.archive import write_sample, write_texts

logger = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Write the archive, and texts without labels if `--texts` names a file."""
    parser = argparse.ArgumentParser(prog="python -m ckgqa.sample", description="Writes the bundled sample.")
    parser.add_argument("--output", type=Path, required=True, help="the archive, a zip in the form of DuIE 2.0")
    parser.add_argument("--texts", type=Path, help="texts without labels, JSON lines (default: none)")
    parser.add_argument("--seed", type=int, default=13, help="same seed, same bytes (default: %(default)s)")
    chosen = parser.parse_args(argv)
    set_up_logging()
    write_sample(chosen.output, chosen.seed)
    logger.info("wrote %s", chosen.output)
    if chosen.texts is not None:
        write_texts(chosen.texts, chosen.seed)
        logger.info("wrote %s", chosen.texts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
