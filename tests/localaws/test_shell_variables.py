"""A shell that evaluates the variables uses localaws, and nothing leads it to another AWS."""

import json
import subprocess

import pytest
from localaws.configuration import Configuration

from ckgqa.localaws.shell_variables import MISLEADING, in_words_of, misleading_variables

SERVER = Configuration("state", "models", access_key="AKIA", secret_key="a+b/c", port=1, region="cn-north-1")
WANTED = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "a+b/c",
    "AWS_REGION": "cn-north-1",
    "AWS_DEFAULT_REGION": "cn-north-1",
}


def test_a_shell_has_the_variables_and_not_those_that_mislead():
    misleading = {**dict.fromkeys(MISLEADING, "x"), "AWS_ENDPOINT_URL_S3": "https://s3.example"}
    environment = {"PATH": "/usr/bin:/bin", **misleading}
    lines = in_words_of("sh", SERVER.variables, misleading_variables(environment))
    done = subprocess.run(["sh", "-ec", f"{lines}\nenv"], env=environment, capture_output=True, text=True, check=True)
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert {name: value for name, value in seen.items() if name.startswith("AWS_")} == WANTED


def test_json_holds_the_variables():
    assert json.loads(in_words_of("json", SERVER.variables, MISLEADING)) == WANTED


def test_fish_sets_and_erases_global_variables():
    lines = in_words_of("fish", {"A": "it's"}, ["B"])
    assert lines == "set -gx A 'it'\"'\"'s'\nset -e B"


@pytest.mark.parametrize("name", ["AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"])
def test_what_misleads_is_unset_always(name):
    assert name in misleading_variables({})
