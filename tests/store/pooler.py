"""PgBouncer in transaction mode in front of a test's PostgreSQL. No test and no fixture is here."""

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

SIZE = 3
"""Connections that it lends, whoever asks."""
_PATIENCE = 20.0
_FIRST_WITH_STATEMENTS = (1, 21)
# What docs/operations.md tells to set.
_SETTINGS = """
[databases]
* = host={host} port={port} connect_query='SET enable_seqscan = off; SET lock_timeout = 2500'

[pgbouncer]
pool_mode = transaction
max_prepared_statements = 200
default_pool_size = {size}
max_client_conn = 500
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
admin_users = {user}
"""


def _found() -> str | None:
    """One that keeps prepared statements for its clients."""
    program = which("pgbouncer") or which("pgbouncer", path="/usr/sbin")
    if program is None:
        return None
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"PgBouncer (\d+)\.(\d+)", told)
    return program if version and (int(version[1]), int(version[2])) >= _FIRST_WITH_STATEMENTS else None


PGBOUNCER = _found()


@contextmanager
def pooler(database_url: str) -> Iterator[str]:
    """The same database's URL through it."""
    assert PGBOUNCER is not None
    url = urlsplit(database_url)
    with tempfile.TemporaryDirectory(prefix="dragoman-pgbouncer-") as home, socket.socket() as probe:
        folder = Path(home)
        folder.chmod(0o755)
        probe.bind(("127.0.0.1", 0))
        own = int(probe.getsockname()[1])
        probe.close()
        (folder / "users.txt").write_text(f'"{url.username}" "{url.password}"\n')
        (folder / "pgbouncer.ini").write_text(
            _SETTINGS.format(host=url.hostname, port=url.port, user=url.username, own=own, size=SIZE, folder=folder)
        )
        log = folder / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [PGBOUNCER, folder / "pgbouncer.ini"],
                stdout=out,
                stderr=out,
                user=None if os.geteuid() else "nobody",  # it does not run as root
                start_new_session=True,
            )
        try:
            _await(process, own, log)
            yield url._replace(netloc=f"{url.netloc.rpartition(':')[0]}:{own}").geturl()
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        else:
            return
