import io
import tarfile

from localaws.containers.archive import InputArchive, stream, write_model_archive


def folder(files: dict[str, bytes], mtime: int) -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        top = tarfile.TarInfo("model")
        top.type = tarfile.DIRTYPE
        tar.addfile(top)
        for name, content in files.items():
            member = tarfile.TarInfo(f"model/{name}")
            member.size, member.mtime, member.uid = len(content), mtime, mtime
            tar.addfile(member, io.BytesIO(content))
    target.seek(0)
    return target


def test_the_same_files_give_the_same_bytes(tmp_path):
    written = []
    for files, mtime in (({"b": b"2", "a": b"1"}, 7), ({"a": b"1", "b": b"2"}, 9)):
        target = io.BytesIO()
        assert write_model_archive([folder(files, mtime)], target, tmp_path) == 2
        written.append(target.getvalue())
    assert written[0] == written[1]
    with tarfile.open(fileobj=io.BytesIO(written[0])) as tar:
        assert {one.name: tar.extractfile(one).read() for one in tar} == {"a": b"1", "b": b"2"}


def test_of_two_hosts_the_first_keeps_its_file(tmp_path):
    target = io.BytesIO()
    assert write_model_archive([folder({"a": b"one"}, 1), folder({"a": b"two", "b": b"2"}, 1)], target, tmp_path) == 2
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        assert {one.name: tar.extractfile(one).read() for one in tar} == {"a": b"one", "b": b"2"}


def test_a_hard_link_becomes_a_file_of_its_own(tmp_path):
    source, target = folder({"a": b"one"}, 1), io.BytesIO()
    with tarfile.open(fileobj=source, mode="a") as tar:
        link = tarfile.TarInfo("model/b")
        link.type, link.linkname = tarfile.LNKTYPE, "model/a"
        tar.addfile(link)
    source.seek(0)
    assert write_model_archive([source], target, tmp_path) == 2
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        assert {one.name: tar.extractfile(one).read() for one in tar} == {"a": b"one", "b": b"one"}


def test_a_container_finds_folders_that_anybody_may_write_to(tmp_path):
    with InputArchive(tmp_path) as archive:
        archive.add_folder("/opt/ml/model")
        archive.add_file("/opt/ml/input/x", 3, io.BytesIO(b"abc"))
        archive.add_json("/opt/ml/input/j.json", {"a": "中"})
        with tarfile.open(fileobj=archive.reader()) as tar:
            assert all(one.mode == 0o777 for one in tar if one.isdir())
            assert tar.getnames().count("opt/ml") == 1
            assert tar.extractfile("opt/ml/input/x").read() == b"abc"
            assert tar.extractfile("opt/ml/input/j.json").read() == b'{"a": "\\u4e2d"}'
    assert list(tmp_path.iterdir()) == []


def test_chunks_are_read_as_a_file():
    assert stream(iter([b"ab", b"", b"c"])).read() == b"abc"
    assert stream(iter([b"abc" * 1000] * 1000)).read() == b"abc" * 1_000_000
