"""File systems of a server's own: one that is small, and one that nobody may write. No test and no fixture is here."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from app.store import open_store
from tests.cli.program import Serving
from tests.dialects.server import Server

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
"""Mounting needs no rights within a namespace of one's own, where the system allows that to everybody."""


def small(folder: Path, size: str, database: Path) -> list[str]:
    """To run a program with a file system in memory at the folder, which nobody else sees, and a database in it."""
    made = 'mount -t tmpfs -o size="$1" tmpfs "$2"; cp "$3" "$2"; shift 3; exec "$@"'
    return [*_NAMESPACE, made, "sh", size, str(folder), str(database)]


def read_only(folder: Path) -> list[str]:
    """To run a program that finds the folder as it is, on a file system that is read-only."""
    mount = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"'
    return [*_NAMESPACE, mount, "sh", str(folder)]


def _possible() -> bool:
    try:
        mount = [*_NAMESPACE, "mount -t tmpfs tmpfs /tmp"]
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


POSSIBLE = _possible()


def seen_from_here(serving: Serving, path: Path) -> Path:
    """A file of the server's as others reach it; but SQLite, which follows the link to a root that is not its own."""
    return Path(f"/proc/{serving.process.pid}/root{path}")


@contextmanager
def way_in(path: Path) -> Iterator[Server]:
    """A store on the file, for what no route can do; it answers nowhere yet."""
    url = f"sqlite:///{path}"
    with start_blocking_portal() as portal:
        store = portal.call(open_store, url)
        try:
            yield Server(url, "", portal, store)
        finally:
            portal.call(store.close)


def fill(path: Path) -> None:
    """Until the file system has no byte left."""
    with path.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
