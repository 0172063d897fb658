"""File systems of a server's own: one that is small, one that nobody may write, and one on a disk that fails. No test
and no fixture is here."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from anyio.from_thread import start_blocking_portal

from app.store import open_store
from tests.cli.program import Serving
from tests.dialects.server import Server

_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
"""Mounting needs no rights within a namespace of one's own, where the system allows that to everybody."""


_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
"""Where tools for disks are, also where that is no place to look for programs."""
_PLAIN = ("env", f"PATH={_PATH}")
_AS_ROOT = ("unshare", "--mount", "sh", "-ec")


def small(folder: Path, size: str, database: Path) -> list[str]:
    """To run a program with a file system in memory at the folder, which nobody else sees, and a database in it."""
    made = 'mount -t tmpfs -o size="$1" tmpfs "$2"; cp "$3" "$2"; shift 3; exec "$@"'
    return [*_NAMESPACE, made, "sh", size, str(folder), str(database)]


def read_only(folder: Path) -> list[str]:
    """To run a program that finds the folder as it is, on a file system that is read-only."""
    mount = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"'
    return [*_NAMESPACE, mount, "sh", str(folder)]


def formatted(image: Path) -> Path:
    """A disk in a file, empty."""
    with image.open("wb") as out:
        out.truncate(32 << 20)
    subprocess.run([*_PLAIN, "mke2fs", "-q", "-t", "ext4", image], check=True)
    return image


def on_disk(image: Path, folder: Path, *files: Path) -> list[str]:
    """To run a program with the disk at the folder, and these files on it. After an error nobody may write there."""
    # Another may be after the same loop device at that moment.
    mount = 'for n in 1 2 3 4 5 6 7 8 9; do mount -o loop,errors=remount-ro "$1" "$2" && break; sleep 0.2; done; '
    mount += 'mountpoint -q "$2"; folder=$2; shift 2; '
    copy = 'while [ "$1" != -- ]; do cp "$1" "$folder"; shift; done; shift; sync; exec "$@"'
    return [*_AS_ROOT, mount + copy, "sh", str(image), str(folder), *map(str, files), "--"]


def fail(serving: Serving, folder: Path) -> None:
    """The disk at the folder has an error."""
    mounts = [line.split() for line in Path(f"/proc/{serving.process.pid}/mounts").read_text().splitlines()]
    (device,) = (Path(words[0]).name for words in mounts if words[1] == str(folder))
    Path("/sys/fs/ext4", device, "trigger_fs_error").write_text("1")


def repair(image: Path) -> None:
    """As the next start of the machine does."""
    done = subprocess.run([*_PLAIN, "e2fsck", "-fy", image], capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stdout


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _disks_fail() -> bool:
    """Tried without a disk: several processes ask at once, and must get one answer."""
    loops = Path("/dev/loop-control").exists() and Path("/sys/fs/ext4").is_dir()
    return os.geteuid() == 0 and loops and which("mke2fs", path=_PATH) is not None and _works(*_AS_ROOT, "true")


POSSIBLE = _works(*_NAMESPACE, "mount -t tmpfs tmpfs /tmp")
DISKS_FAIL = _disks_fail()


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
