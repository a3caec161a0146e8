from pathlib import Path

from ckgqa.registry.layout import registry_words


def test_a_suggested_command_names_every_registry_but_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert registry_words(Path("models")) == registry_words(tmp_path / "models") == ""
    assert registry_words(Path("my models")) == " --registry 'my models'"
    assert registry_words(tmp_path / "other" / "models") == f" --registry {tmp_path}/other/models"
