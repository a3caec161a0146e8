"""The limits of control groups, as the kernel shows them in /proc and /sys, in folders that stand in for both."""

from pathlib import Path

import psutil
import pytest

from ckgqa.cli.memory import Memory, read_memory

GIB = 2**30


def write(root: Path, name: str, text: object) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for a machine with 64 GiB, of which 40 are free."""
    told = psutil.virtual_memory()._replace(total=64 * GIB, available=40 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: told)


def group_v2(root: Path, folder: str, limit: object, used: int, files: int = 0) -> None:
    write(root, f"{folder}/memory.max", limit)
    write(root, f"{folder}/memory.current", used)
    write(root, f"{folder}/memory.stat", f"anon {used - files}\ninactive_file {files}")


def test_without_a_limit_it_is_the_machines(tmp_path: Path) -> None:
    assert read_memory(tmp_path) == Memory(40 * GIB, 64 * GIB)  # no control groups at all
    write(tmp_path, "proc/self/cgroup", "0::/user.slice")
    group_v2(tmp_path, "sys/fs/cgroup/user.slice", "max", 3 * GIB)
    assert read_memory(tmp_path) == Memory(40 * GIB, 64 * GIB)


def test_a_limit_of_version_2_counts_what_the_kernel_would_give_up_as_free(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "0::/")
    group_v2(tmp_path, "sys/fs/cgroup", 8 * GIB, 5 * GIB, files=2 * GIB)
    assert read_memory(tmp_path) == Memory(5 * GIB, 8 * GIB)


def test_the_tightest_group_above_ours_counts(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "0::/a/b")
    group_v2(tmp_path, "sys/fs/cgroup/a/b", 16 * GIB, GIB)
    group_v2(tmp_path, "sys/fs/cgroup/a", 4 * GIB, 3 * GIB)
    assert read_memory(tmp_path) == Memory(GIB, 4 * GIB)


@pytest.mark.parametrize("group", ["", "/docker/1a2b"])
def test_a_limit_of_version_1_whether_or_not_the_group_is_seen_by_its_own_name(tmp_path: Path, group: str) -> None:
    write(tmp_path, "proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/1a2b\n0::/")
    folder = f"sys/fs/cgroup/memory{group}"
    write(tmp_path, f"{folder}/memory.limit_in_bytes", 2 * GIB)
    write(tmp_path, f"{folder}/memory.usage_in_bytes", GIB)
    write(tmp_path, f"{folder}/memory.stat", f"inactive_file 0\ntotal_inactive_file {GIB // 2}")
    assert read_memory(tmp_path) == Memory(3 * GIB // 2, 2 * GIB)


def test_the_number_by_which_version_1_says_no_limit_is_none(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "4:memory:/")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", 9223372036854771712)
    write(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", GIB)
    assert read_memory(tmp_path) == Memory(40 * GIB, 64 * GIB)


def test_a_group_that_is_over_its_limit_has_nothing_left(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "0::/")
    group_v2(tmp_path, "sys/fs/cgroup", GIB, 2 * GIB)
    assert read_memory(tmp_path) == Memory(0, GIB)
