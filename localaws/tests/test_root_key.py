import pytest
from localaws.configuration import Configuration, write_configuration
from localaws.errors import LocalawsError
from localaws.root_key import ID_CHARS, SECRET_CHARS, root_key


def test_a_new_key_has_the_form_of_aws(tmp_path):
    key, secret = root_key(tmp_path / "configuration.json")
    assert (key[:4], len(key), len(secret)) == ("AKIA", 20, 40)
    assert set(key[4:]) <= set(ID_CHARS)
    assert set(secret) <= set(SECRET_CHARS)
    assert root_key(tmp_path / "configuration.json") != (key, secret)


def test_the_key_of_a_state_is_kept(tmp_path):
    write_configuration(Configuration("s", "m", "AKIA1", "secret"), tmp_path / "configuration.json")
    assert root_key(tmp_path / "configuration.json") == ("AKIA1", "secret")


def test_a_broken_configuration_is_not_replaced(tmp_path):
    (tmp_path / "configuration.json").write_text("{")
    with pytest.raises(LocalawsError):
        root_key(tmp_path / "configuration.json")
