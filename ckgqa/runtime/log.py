"""Set up logging once for a program, write metrics as lines `name=value`, and hide credentials."""

import logging
import re
import sys

from ckgqa.runtime.streams import tolerate_encodings

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Match up to the last @ before path, query and fragment: a password may hold an @ that is not escaped as %40.
CREDENTIALS = re.compile(r"//[^/?#\s]+@")


def set_up_logging(level: int = logging.INFO) -> None:
    """Send every record to standard error; standard output is for data. No character makes either of them fail."""
    tolerate_encodings()
    logging.basicConfig(level=level, format=FORMAT, stream=sys.stderr, force=True)


def log_metrics(logger: logging.Logger, **metrics: float) -> None:
    """Log one line `name=value name=value`, which SageMaker's metric definitions parse."""
    logger.info(" ".join(f"{name}={value:.6g}" for name, value in metrics.items()))


def without_credentials(text: str) -> str:
    """Replace the user and password of every address in a text by `***`."""
    return CREDENTIALS.sub("//***@", text)
