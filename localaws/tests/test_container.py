import os

import pytest
from localaws.configuration import Configuration, read_configuration
from localaws.container import KEY_VARIABLES, configuration_of, export_lines, main
from localaws.errors import LocalawsError

from localaws import container

KEYS = dict(zip(KEY_VARIABLES, ("AKIA1", "s3cret"), strict=True))
WORDS = {
    "state": ("/elsewhere", "/elsewhere"),
    "port": ("1", 1),
    "region": ("cn-north-1", "cn-north-1"),
    "account": ("123456789012", "123456789012"),
    "auth": ("false", False),
    "period_divisor": ("60", 60.0),
    "images": ("gpu:*=cpu:1,a=b", {"gpu:*": "cpu:1", "a": "b"}),
    "spot_interruptions": ("2", 2),
    "spot_interruption_after_s": ("1.5", 1.5),
    "proxy_image": ("x", "x"),
}


def test_without_flags_it_is_the_configurations_own_defaults():
    assert configuration_of([], KEYS) == Configuration("/state", "/opt/localaws/models", "AKIA1", "s3cret")


@pytest.mark.parametrize("name", WORDS)
def test_each_setting_is_a_flag_and_a_variable(name):
    text, value = WORDS[name]
    by_flag = configuration_of([f"--{name.replace('_', '-')}", text], KEYS)
    by_variable = configuration_of([], {**KEYS, f"LOCALAWS_{name.upper()}": text})
    assert by_flag == by_variable
    assert getattr(by_flag, name) == value


@pytest.mark.parametrize("words", [["--port", "x"], ["--auth", "yes"], ["--images", "a"], ["--no-such"]])
def test_a_wrong_flag_ends_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        configuration_of(words, KEYS)
    assert ended.value.code == 2


@pytest.mark.parametrize(("words", "variables"), [(["--account", "1"], KEYS), ([], {KEY_VARIABLES[0]: "AKIA1"})])
def test_wrong_values_are_one_line_and_2(words, variables, capsys, tmp_path):
    with pytest.raises(LocalawsError):
        configuration_of(words, variables)
    with pytest.raises(SystemExit) as ended:
        main([*words, "--state", str(tmp_path)], variables)
    assert (ended.value.code, capsys.readouterr().err.count("\n")) == (2, 1)


def test_it_becomes_the_server_and_keeps_the_key(tmp_path, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(os, "execv", lambda program, words: calls.append(words))
    monkeypatch.setattr(container.sys, "executable", "python")
    state = tmp_path / "state"
    for _ in range(2):
        main(["--state", str(state)], {})
    first, second = capsys.readouterr().out.split("export AWS_ENDPOINT_URL=http://127.0.0.1:4566\n")[1:]
    assert first == second
    assert calls == [["python", "-m", "localaws", str(state / "configuration.json")]] * 2
    configuration = read_configuration(state / "configuration.json")
    assert export_lines(configuration).endswith(first)
    assert (state / "configuration.json").stat().st_mode & 0o777 == 0o600
