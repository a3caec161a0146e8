"""One logger a module, set up once at the entrance; metrics are log lines `name=value`."""

import logging
import re
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# To the last @ before path, query and fragment: a password may have one, though it should be written %40.
CREDENTIALS = re.compile(r"//[^/?#\s]+@")


def set_up_logging(level: int = logging.INFO) -> None:
    """Send every record to standard error, one line each; standard output stays for data."""
    logging.basicConfig(level=level, format=FORMAT, stream=sys.stderr, force=True)


def log_metrics(logger: logging.Logger, **metrics: float) -> None:
    """Write one line `name=value name=value`, which is what SageMaker's metric definitions read."""
    logger.info(" ".join(f"{name}={value:.6g}" for name, value in metrics.items()))


def without_credentials(text: str) -> str:
    """Hide the user and password of every address in a text."""
    return CREDENTIALS.sub("//***@", text)
