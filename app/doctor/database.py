"""Checks of the database: whether it is there, its schema, its clock, who else has it, what waits in it."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

from app.core.refusal import Refusal
from app.doctor.checks import Finding, Patient, check, note, ok, problem
from app.store import HEAD, SchemaOutdated, Unusable, clock_ahead, is_embedded, sqlite_path

_SKEW = 0.2
"""Seconds: what a live stream waits for events of other machines."""
_ROOM = 500 << 20
"""Bytes that a disk should have left: the log of an embedded database grows between two checkpoints."""
_LATE = 60.0
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "glusterfs", "ceph", "lustre")
_URL = "DRAGOMAN_DATABASE_URL"


@check("database")
def reachable(patient: Patient) -> Iterator[Finding]:
    match patient.refused:
        case SchemaOutdated() as old if old.newer:
            yield problem(
                f"its schema is {old.found}, newer than this program's {HEAD}",
                "run the version of Dragoman that migrated it, or a newer one; older ones cannot read it",
            )
        case SchemaOutdated() as old:
            text = f"its schema is {old.found or 'empty'}, this program needs {HEAD}"
            if is_embedded(patient.settings.database_url):
                yield note(text, "`dragoman serve` migrates it at start, `dragoman migrate` does it now; copy it first")
            else:
                yield problem(text, "run `dragoman migrate`")
        case Unusable() as unusable:
            yield problem(f"it cannot be used: {' '.join(str(unusable).split())}", f"correct {_URL}")
        case Exception():
            yield problem(
                "it cannot be reached", f"see whether it runs, and whether {_URL} names host and port rightly"
            )
        case None if patient.opened is None:
            yield note(
                "the file is not there yet", f"`dragoman serve` makes it; if there should be one, correct {_URL}"
            )
        case None:
            yield ok(f"it answers, and its schema is {HEAD}")


@check("database file")
def file(patient: Patient) -> Iterator[Finding]:
    if not is_embedded(patient.settings.database_url):
        return
    path = Path(sqlite_path(patient.settings.database_url)).absolute()
    folder = next(each for each in path.parents if each.exists())
    found = [*_unwritable(path, folder), *_on_network(folder), *room(shutil.disk_usage(folder).free, folder)]
    yield from found or [_writable(path)]


def _writable(path: Path) -> Finding:
    if path.parent.exists():
        return ok(f"{path} can be written")
    remedy = f"`dragoman serve` makes it; if there should be one, correct {_URL}"
    return note(f"the folder {path.parent} is not there yet", remedy)


def _unwritable(path: Path, folder: Path) -> Iterator[Finding]:
    if not os.access(folder, os.W_OK | os.X_OK):
        yield problem(
            f"nothing can be written in {folder}, where SQLite keeps its log beside the file",
            f"let this user write there (chown, chmod u+wx), or name another place in {_URL}",
        )
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if each.is_file() and not os.access(each, os.R_OK | os.W_OK):
            yield problem(f"{each} cannot be written by this user", f"chown it to the user who runs Dragoman: {each}")


def _on_network(folder: Path) -> Iterator[Finding]:
    """SQLite's WAL needs memory shared by all of its processes. https://sqlite.org/wal.html"""
    with suppress(OSError):
        mounts = [line.split(" ")[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
        held = [(place, kind) for place, kind in mounts if folder.is_relative_to(place)]
        place, kind = max(held, key=lambda each: len(each[0]), default=("", ""))
        if kind in _REMOTE:
            yield problem(
                f"{place} is a network file system ({kind}), where an SQLite file gets damaged",
                "move it to a disk of this machine, or use PostgreSQL",
            )


def room(free: int, folder: Path) -> Iterator[Finding]:
    if free < _ROOM:
        yield problem(
            f"the disk of {folder} has {free >> 20} MB left",
            "make room, or move the database; once it is full, every change is refused",
        )


@check("processes")
def sharing(patient: Patient) -> Iterator[Finding]:
    """Looks where Linux tells it; elsewhere nobody does without tools of their own."""
    if not is_embedded(patient.settings.database_url):
        return
    path = Path(sqlite_path(patient.settings.database_url)).resolve()
    holders = sorted({pid for pid in _holders(path) if pid != os.getpid()})
    if len(holders) > 1:
        yield note(
            f"{len(holders)} processes have the file open: {', '.join(map(str, holders))}",
            "they wait for one another with every change; PostgreSQL serves several better",
        )


def _holders(path: Path) -> Iterator[int]:
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # another user's, or gone meanwhile
            if Path(os.readlink(link)) == path:
                yield int(link.parts[2])


@check("clock", stored=True)
async def clock(patient: Patient) -> AsyncIterator[Finding]:
    if is_embedded(patient.settings.database_url):
        return
    ahead, unsure = await clock_ahead(patient.settings.database_url, patient.clock.now)
    if abs(ahead) > _SKEW + unsure:
        yield problem(
            f"this machine's clock is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} PostgreSQL's",
            "run NTP on both (timedatectl set-ntp true): events sort by the clocks of the machines that made them",
        )
    else:
        yield ok("this machine's clock and PostgreSQL's agree")


@check("tasks", stored=True)
async def tasks(patient: Patient) -> AsyncIterator[Finding]:
    due, oldest = await patient.store.backlog(patient.clock.now())
    if oldest > _LATE:
        yield problem(
            f"due: {due}, the oldest for {oldest:.0f} s; no worker keeps up",
            "start `dragoman worker`, or `dragoman serve` without DRAGOMAN_NO_WORKER; if one runs, start another",
        )
    else:
        yield ok(f"due: {due}, none for long")
    for tenant in await patient.store.tenants():
        with suppress(Refusal):
            aside = await patient.store.tasks_aside(tenant.id, "", 100)
            if aside:
                many = "100 or more" if len(aside) == 100 else str(len(aside))
                yield problem(
                    f"set aside after their last try: {many} of {tenant.name}, such as {aside[0].kind} {aside[0].id}: "
                    f"{aside[0].error or 'no word why'}",
                    "mend the cause, then POST /api/tasks/{id}/retry; GET /api/tasks lists them",
                )
