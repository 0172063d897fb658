"""A part of a core for each of some processes: as if each had one to itself, on a machine that has none to spare."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PERIOD = 10_000
"""Microseconds, in each of which a process may run for its part. With the usual 100,000 it would rest for longer than
a request takes."""
_FIRST = Path("/sys/fs/cgroup/cpu")
"""Control groups of the first version; those of the second are one level up."""


@contextmanager
def limited(pids: Iterable[int], part: float) -> Iterator[None]:
    """At most this part of a core for each of the processes, with its threads, until the end of the block; a
    whole core is no limit.

    Raises OSError where this machine does not let us: on Linux, who may make control groups for processors may.
    """
    made: list[Path] = []
    try:
        for pid in pids if part < 1 else ():
            made.append(_group(f"dragoman-bench-{pid}", int(part * _PERIOD)))
            (made[-1] / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        for group in made:
            _empty(group)
            group.rmdir()


def _group(name: str, quota: int) -> Path:
    first = _FIRST.is_dir()
    top = _FIRST if first else _FIRST.parent
    if not first:
        (top / "cgroup.subtree_control").write_text("+cpu")
    group = top / name
    group.mkdir()
    if first:
        (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    else:
        (group / "cpu.max").write_text(f"{quota} {_PERIOD}")
    return group


def _empty(group: Path) -> None:
    """What still runs goes back to where it was."""
    for pid in (group / "cgroup.procs").read_text().split():
        (group.parent / "cgroup.procs").write_text(pid)
