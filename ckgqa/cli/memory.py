"""How much memory this process may use: the machine's, or what its control groups (cgroups) leave of it.

Source: the Linux kernel's documentation, admin-guide/cgroup-v2 and cgroup-v1/memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Memory:
    """Memory in bytes."""

    free: int
    """What can be had now without swapping."""
    total: int


@dataclass(frozen=True)
class Hierarchy:
    """One version's folder of control groups and the names of its files."""

    folder: str
    limit: str
    usage: str
    reclaimable: str
    """Line of memory.stat: pages of files, counted as used, that the kernel gives up before it kills."""


# If both versions are mounted, version 2 is in `unified`.
V2 = (
    Hierarchy("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    Hierarchy("sys/fs/cgroup/unified", "memory.max", "memory.current", "inactive_file"),
)
V1 = (Hierarchy("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),)


def read_memory(root: Path = Path("/")) -> Memory:
    """Return the machine's memory, or that of the control group that leaves the least.

    Args:
        root: the folder of /proc and /sys.
    """
    machine = psutil.virtual_memory()
    found = [Memory(machine.available, machine.total), *_limited(root)]
    return Memory(min(one.free for one in found), min(one.total for one in found))


def _limited(root: Path) -> Iterator[Memory]:
    """Yield the memory of each group with a limit that this process is in, from its own up to the root."""
    for hierarchy, group in _groups(root):
        top = root / hierarchy.folder
        # A container sees its own group as the root, though its name may be that of the host.
        own = top / group.lstrip("/")
        for folder in (own, *own.parents):
            if not folder.is_relative_to(top):
                break
            if (memory := _memory(folder, hierarchy)) is not None:
                yield memory


def _groups(root: Path) -> Iterator[tuple[Hierarchy, str]]:
    """Yield the hierarchies that count memory, with the path of this process's group in each."""
    file = root / "proc/self/cgroup"
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        _, controllers, group = line.split(":", maxsplit=2)
        hierarchies = V2 if not controllers else V1 if "memory" in controllers.split(",") else ()
        yield from ((hierarchy, group) for hierarchy in hierarchies)


def _memory(folder: Path, hierarchy: Hierarchy) -> Memory | None:
    """Return what one group may use; None if it has no limit."""
    limit = _number(folder / hierarchy.limit)
    usage = _number(folder / hierarchy.usage)
    if limit is None or usage is None:
        return None
    stat = folder / "memory.stat"
    lines = [line.split() for line in stat.read_text(encoding="utf-8").splitlines()] if stat.is_file() else []
    reclaimable = sum(int(value) for name, value in lines if name == hierarchy.reclaimable)
    return Memory(max(limit - usage + reclaimable, 0), limit)


def _number(file: Path) -> int | None:
    """Read a number; None if there is no such file, or it holds `max`."""
    text = file.read_text(encoding="utf-8").strip() if file.is_file() else "max"
    return None if text == "max" else int(text)
