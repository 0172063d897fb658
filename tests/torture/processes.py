"""Real processes that are killed and come back at the same place. No test and no fixture is here."""

import http.client
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.cli.program import command, environment

PATIENCE = 60.0  # seconds, for whatever must come to be on a busy machine
_WORKS = "worker started"


@dataclass(frozen=True)
class Layout:
    """How many processes of each kind; without workers the web processes work, too."""

    webs: int
    workers: int


@dataclass
class Program:
    """One `dragoman` process, alone in its process group. `port` 0: it serves nothing."""

    words: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    port: int = 0
    kills: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _told: int = 0

    @property
    def name(self) -> str:
        return " ".join(self.words)

    @property
    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def start(self) -> None:
        self._told = len(self.text)
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                command(*self.words), env=self.environment, stdout=out, stderr=out, start_new_session=True
            )

    def ready(self) -> bool:
        """Whether it answers; of one that answers nobody, whether it says that it has started."""
        if not self.port:
            return _WORKS in self.text[self._told :]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def check(self) -> None:
        """Raises AssertionError if it has ended by itself."""
        code = None if self._process is None else self._process.poll()
        assert code is None, f"{self.name} ended with {code}:\n{self.text[-4000:]}"

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """It does not run, and does not know."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """With everything that it started, at once and without a warning."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        self._process = None
        self.kills += 1


class Victim(Protocol):
    """What can be killed and comes back."""

    @property
    def kills(self) -> int: ...

    @property
    def name(self) -> str: ...

    def kill(self) -> None: ...

    def start(self) -> None: ...

    def ready(self) -> bool: ...

    def check(self) -> None:
        """Raises AssertionError if it has ended by itself."""


class Site:
    """All processes on one database. Web processes keep their ports, however often the site is arranged anew.

    `database`: the server, if it may be killed, too.
    """

    def __init__(
        self, folder: Path, webs: int, database_url: str, database: Victim | None = None, **settings: str
    ) -> None:
        self._folder = folder
        self.database = database
        self._settings = {"database_url": database_url, **settings}
        self._ports = [free_port() for _ in range(webs)]
        self._retired: list[Program] = []
        self.programs: list[Program] = []

    @property
    def bases(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self._ports]

    @property
    def kills(self) -> int:
        return sum(victim.kills for victim in (*self._retired, *self.victims))

    @property
    def victims(self) -> list[Victim]:
        return [*self.programs, *([] if self.database is None else [self.database])]

    def arrange(self, layout: Layout) -> None:
        """Kill whatever runs, and start these instead."""
        self.kill()
        self._retired += self.programs
        alone = () if layout.workers == 0 else ("--no-worker",)
        quiet, talking = self._environment("warning"), self._environment("info")
        self.programs = [
            Program(("serve", "--port", str(port), *alone), quiet, self._folder / f"web-{port}.log", port)
            for port in self._ports[: layout.webs]
        ]
        self.programs += [
            Program(("worker",), talking, self._folder / f"worker-{n}.log") for n in range(layout.workers)
        ]
        for program in self.programs:
            program.start()
        self.await_ready()

    def await_ready(self, victims: Sequence[Victim] | None = None) -> None:
        for victim in self.victims if victims is None else victims:
            assert waited(victim.ready, victim.check), f"{victim.name} does not start"

    def check(self) -> None:
        for victim in self.victims:
            victim.check()

    def kill(self) -> None:
        for program in self.programs:
            program.kill()

    def complaints(self) -> list[str]:
        """What the processes logged as errors: being killed is no reason for one."""
        return [
            line
            for log in sorted(self._folder.glob("*.log"))
            for line in log.read_text().splitlines()
            if '"level":"error"' in line or line.startswith("Traceback")
        ]

    def _environment(self, log_level: str) -> dict[str, str]:
        return environment(**self._settings, log_level=log_level)


@contextmanager
def site(folder: Path, webs: int, database_url: str, database: Victim | None = None, **settings: str) -> Iterator[Site]:
    """Nothing runs yet; all that does is killed afterwards, whatever happens."""
    made = Site(folder, webs, database_url, database, **settings)
    try:
        yield made
    finally:
        made.kill()


def free_port() -> int:
    """Below those that systems give to connections: while a server is down, none of ours may take its port."""
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def waited(holds: Callable[[], bool], check: Callable[[], None], pause: float = 0.03) -> bool:
    """Whether it came to be in time. `check` raises what makes waiting hopeless."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        check()
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
