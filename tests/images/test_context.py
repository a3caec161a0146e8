import os
import tarfile
from pathlib import Path

from ckgqa.images.context import archived


def test_the_context_depends_on_names_and_bytes_alone(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    with archived({"b": two, "a/a": one}) as stream:
        before = stream.read()
    os.utime(one, (0, 0))
    one.chmod(0o600)
    with archived({"a/a": one, "b": two}) as stream:
        assert stream.read() == before
        stream.seek(0)
        with tarfile.open(fileobj=stream) as tar:
            assert [(entry.name, entry.mode, entry.uid) for entry in tar] == [("a/a", 0o644, 0), ("b", 0o644, 0)]
