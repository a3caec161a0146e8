"""A stand-in for pip: python stub_pip.py [fail | report FILE] install ... [--target FOLDER] -r FILE."""

import json
import os
import sys
from pathlib import Path


def main(words: list[str]) -> None:
    if words[0] == "fail":
        sys.stderr.write("WARNING: Retrying after connection broken\nERROR: Could not find a version\n")
        sys.exit("ERROR: No matching distribution found for x==1")
    if words[0] == "report":
        seen = {"index": os.environ.get("PIP_INDEX_URL"), "path": sys.path, "words": words}
        Path(words[1]).write_text(json.dumps(seen))
    sys.stdout.write("Collecting x==1\n")
    if "--target" in words:
        data = Path(words[words.index("--target") + 1]) / "botocore" / "data"
        services = "application-autoscaling codebuild codecommit ecr neptune neptunedata sagemaker s3"
        for service in f"{services} sagemaker-metrics sagemaker-runtime".split():
            (data / service).mkdir(parents=True)


if __name__ == "__main__":
    main(sys.argv[1:])
