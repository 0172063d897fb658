"""Starting and stopping what is measured: the service, a bare FastAPI route, and the driver against them."""

import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from app.service.vault import new_key
from tests.postgres import free_port

PORT = free_port()
"""Of the service; another run beside this one has another."""
_PATIENCE = 30.0


@dataclass(frozen=True)
class Server:
    url: str
    pid: int
    started_in: float

    def memory(self) -> float:
        """Resident memory in MB, at its highest."""
        return self._status("VmHWM:")

    def resident(self) -> float:
        """The same, now."""
        return self._status("VmRSS:")

    def _status(self, name: str) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition(name)[2].split()[0]) / 1024

    def family(self) -> list[int]:
        """Its process id and those of its children."""
        return [self.pid, *_children(self.pid)]

    def cpu(self) -> float:
        """Seconds of processor time so far, of the process and of its children."""
        return processor_time(self.pid)


def processor_time(pid: int) -> float:
    """In seconds, of a process, its children, and those of them that ended."""
    total = 0
    for own, ended in ((pid, True), *((child, False) for child in _children(pid))):
        with suppress(OSError):  # it ended meanwhile: then its parent has its time
            fields = Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(each) for each in fields[11 : 15 if ended else 13])
    return total / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def _data_directory(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW data_directory"))
    finally:
        await connection.close()


def database_of(url: str) -> int | None:
    """The process id of a PostgreSQL on this machine; None for SQLite, which works within ours."""
    if url.startswith("sqlite"):
        return None
    return int(Path(asyncio.run(_data_directory(url)), "postmaster.pid").read_text().split()[0])


@dataclass(frozen=True)
class Load:
    seconds: float
    statuses: dict[str, int]
    ms: list[float] = field(repr=False)

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds

    def percentile(self, p: float) -> float:
        """By nearest rank."""
        ranked = sorted(self.ms)
        return ranked[max(0, math.ceil(len(ranked) * p / 100) - 1)]


@dataclass(frozen=True)
class Costs:
    """Processor time per request, in microseconds."""

    service: float
    database: float | None


def costing(
    server: Server, database: int | None, in_flight: int, requests: Sequence[dict[str, Any]]
) -> tuple[Load, Costs]:
    """As `drive`, and what each request took of both processes."""
    before = server.cpu(), processor_time(database) if database else 0.0
    load = drive(server, in_flight, requests)
    after = server.cpu(), processor_time(database) if database else 0.0
    ours, its = ((b - a) / len(requests) * 1e6 for a, b in zip(before, after, strict=True))
    return load, Costs(ours, its if database else None)


@contextmanager
def running(command: list[str], environment: dict[str, str], ready: str) -> Iterator[Server]:
    """A server process, until the end of the block; `started_in` is from its start to its first answer."""
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            url = ready.rpartition("/health")[0] or ready
            _wait(ready, process)
            yield Server(url, process.pid, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def dragoman(url: str, workers: int = 1, *, worker: bool = True) -> AbstractContextManager[Server]:
    """The service on the database at `url`, of so many web processes; without a `worker` nobody sends what it asks."""
    environment = {
        "DRAGOMAN_DATABASE_URL": url,
        "DRAGOMAN_PORT": str(PORT),
        "DRAGOMAN_SECRET_KEY": new_key(),
        "DRAGOMAN_WORKERS": str(workers),
        "DRAGOMAN_NO_WORKER": str(not worker),
    }
    return running([sys.executable, "-m", "app", "serve"], environment, f"http://127.0.0.1:{PORT}/health/live")


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
    raise RuntimeError(f"{url} does not answer")


def drive(server: Server, in_flight: int, requests: Iterable[dict[str, Any]]) -> Load:
    """Send all requests from a process of its own. Raises RuntimeError unless each was answered as done."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    command = [sys.executable, "-m", "bench.driver", host, port, str(in_flight)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    load = Load(**json.loads(done.stdout))
    if not load.statuses.keys() <= {"200", "201"}:
        raise RuntimeError(f"not every request was done: {load.statuses} {done.stderr}")
    return load
