"""Starting and stopping what is measured: the service, a bare FastAPI route, and the driver against them."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from app.service.vault import new_key

PORT = 8790
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

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    seconds: float
    statuses: dict[str, int]
    ms: list[float] = field(repr=False)

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds

    def percentile(self, p: int) -> float:
        return quantiles(self.ms, n=100)[p - 1]


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


def dragoman(url: str) -> AbstractContextManager[Server]:
    """The service on the database at `url`."""
    environment = {"DRAGOMAN_DATABASE_URL": url, "DRAGOMAN_PORT": str(PORT), "DRAGOMAN_SECRET_KEY": new_key()}
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
