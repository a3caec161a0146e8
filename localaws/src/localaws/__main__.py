"""`python -m localaws CONFIGURATION`: run one localaws until SIGTERM or Ctrl-C.

Exit codes: 0 it was ended; 2 the configuration is wrong; 75 the machine or another program is in the way; 1 a bug.
"""

import logging
import sys
from pathlib import Path

from localaws.configuration import read_configuration
from localaws.errors import LocalawsError
from localaws.server import run

EXIT_INPUT = 2
EXIT_SERVICE = 75


def main(arguments: list[str]) -> int:
    """Run one localaws and return the exit code."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr
    )
    for noisy in ("botocore", "boto3", "s3transfer", "urllib3", "hypercorn.access", "persistence"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        configuration = read_configuration(Path(arguments[0]))
    except (IndexError, LocalawsError) as error:
        sys.stderr.write(f"error: {error if arguments else 'expected a configuration file'}\n")
        return EXIT_INPUT
    try:
        run(configuration)
    except LocalawsError as error:
        sys.stderr.write(f"error: {error}\n")
        return EXIT_SERVICE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
