"""`dragoman doctor` finds each of the usual mistakes on a real database, says what to do, and changes nothing."""

import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from app.doctor import Finding, Level, Patient, examine
from app.doctor.database import room
from app.service.clock import Clock, now
from app.service.vault import new_key
from app.settings import load
from app.store import HEAD
from tests.cli.program import refused, run
from tests.dialects.server import serve
from tests.mail.sink import Sink, serving

_KEY = new_key()
_OK, _NOTE, _PROBLEM = Level.OK, Level.NOTE, Level.PROBLEM


async def examined(
    database_url: str, environment: Mapping[str, str] | None = None, *, clock: Clock | None = None, **settings: str
) -> dict[str, list[Finding]]:
    """What is found, by check. Settings as in the environment."""
    given = {"DATABASE_URL": database_url, "SECRET_KEY": _KEY, "PORT": "0"} | settings
    named = {f"DRAGOMAN_{name.upper()}": value for name, value in given.items()}
    patient = Patient(settings=load(named), environment=named | dict(environment or {}), clock=clock or Clock())
    found: dict[str, list[Finding]] = {}
    async for name, finding in examine(patient):
        found.setdefault(name, []).append(finding)
        assert bool(finding.remedy) == (finding.level is not _OK), finding
    return found


def seen(database_url: str, secret_key: str = _KEY) -> dict[str, list[Finding]]:
    return asyncio.run(examined(database_url, secret_key=secret_key))


async def test_a_healthy_one(database_url: str) -> None:
    found = await examined(database_url)
    assert {finding.level for findings in found.values() for finding in findings} == {_OK}
    assert {"database", "settings", "secret key", "port", "tasks"} <= found.keys()
    assert ("clock" in found) == database_url.startswith("postgresql")
    assert ("database file" in found) == database_url.startswith("sqlite")


def test_a_first_start(tmp_path: Path) -> None:
    """There is no database yet, and none afterwards."""
    url = f"sqlite:///{tmp_path / 'dragoman.db'}"
    done = run("doctor", database_url=url, port="0", secret_key="")
    assert done.returncode == 0, done.stdout
    assert "note    database: the file is not there yet\n        → `dragoman serve` makes it" in done.stdout
    assert done.stdout.endswith("no problems found, 2 notes to read\n")
    assert [*tmp_path.iterdir()] == []
    bad = run("doctor", "--json", database_url=url, port="many")
    answer = json.loads(bad.stdout)
    assert (bad.returncode, answer["ok"]) == (1, False)
    assert answer["findings"][0]["text"] == "DRAGOMAN_PORT='many' is not a whole number"


@pytest.mark.parametrize("version", ["0001", "9999"])
async def test_an_old_or_a_newer_schema(version: str, empty_database_url: str) -> None:
    embedded = empty_database_url.startswith("sqlite")
    statements = (
        "CREATE TABLE alembic_version (version_num text)",
        "INSERT INTO alembic_version VALUES ('VERSION')".replace("VERSION", version),
    )
    if embedded:
        with closing(sqlite3.connect(empty_database_url.removeprefix("sqlite:///"))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
    else:
        connected = await asyncpg.connect(empty_database_url)
        await connected.execute("; ".join(statements))
        await connected.close()
    [finding] = (await examined(empty_database_url))["database"]
    if version == "9999":
        assert finding.level is _PROBLEM
        assert finding.text == f"its schema is 9999, newer than this program's {HEAD}"
        line = refused(await asyncio.to_thread(run, "migrate", database_url=empty_database_url))
        assert (
            line == f"the database schema is 9999, newer than this program's {HEAD}: run the version that migrated it"
        )
    else:
        assert finding.level is (_NOTE if embedded else _PROBLEM)
        assert "dragoman migrate" in finding.remedy


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://somebody:hunter2@127.0.0.1:1/orders", "it cannot be reached"),
        ("postgresql://somebody:hunter2@127.0.0.1:port/orders", "it cannot be used: "),
        ("sqlite:////dev/null", "its schema is empty"),
    ],
)
async def test_no_database(url: str, told: str) -> None:
    found = await examined(url)
    assert found["database"][0].text.startswith(told)
    assert "hunter2" not in str(found)
    assert "tasks" not in found


def test_files(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    (tmp_path / "text").write_text("no folder")
    found = seen(f"sqlite:///{tmp_path}/text/dragoman.db")
    assert found["database file"][0].text.startswith(f"nothing can be written in {tmp_path}/text")
    [missing] = seen(f"sqlite:///{tmp_path}/not/yet/dragoman.db")["database file"]
    assert (missing.level, missing.text) == (_NOTE, f"the folder {tmp_path}/not/yet is not there yet")
    # Two processes beside this one.
    script = "import sys; held = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    others = [
        subprocess.Popen([sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for other in others:
            assert other.stdout is not None
            other.stdout.readline()
        [finding] = (seen(sqlite_url))["processes"]
        assert finding.text.startswith("2 processes have the file open: ")
    finally:
        for other in others:
            other.communicate()
    assert [finding.level for finding in room(100 << 20, tmp_path)] == [_PROBLEM]
    assert [*room(1 << 40, tmp_path)] == []


async def test_where_mail_goes(sqlite_url: str) -> None:
    [written] = (await examined(sqlite_url))["mail"]
    folder = f"{sqlite_url.removeprefix('sqlite:///')}.mail"
    assert written.text == f"to customers is written to {folder} (without DRAGOMAN_SMTP_URL)"
    async with serving(Sink()) as sink:
        [sent] = (await examined(sqlite_url, smtp_url=sink.url, mail_from="shop@example.com"))["mail"]
    assert (sent.level, sent.text) == (_OK, f"to customers goes to 127.0.0.1 port {sink.port} (DRAGOMAN_SMTP_URL)")
    [lost] = (await examined(sqlite_url, smtp_url=sink.url, mail_from="shop@example.com"))["mail"]
    assert (lost.level, lost.text) == (_PROBLEM, f"the mail server 127.0.0.1:{sink.port}: Connection refused")


def test_secret_keys(sqlite_url: str, postgres_database: str) -> None:
    [finding] = (seen(postgres_database, secret_key=""))["secret key"]
    assert finding.text == "DRAGOMAN_SECRET_KEY is not set, and PostgreSQL needs it"
    path = Path(f"{sqlite_url.removeprefix('sqlite:///')}.key")
    path.write_text(new_key())
    path.chmod(0o644)
    [finding, _] = (seen(sqlite_url, secret_key=""))["secret key"]
    assert (finding.text, finding.remedy) == (f"{path} may be read by others (mode 644)", f"chmod 600 {path}")
    path.chmod(0o600)
    assert [each.level for each in (seen(sqlite_url, secret_key=""))["secret key"]] == [_OK]
    for text in ("", "hunter2"):
        path.write_text(text)
        [finding] = (seen(sqlite_url, secret_key=""))["secret key"]
        assert (finding.level, "hunter2" in finding.text) == (_PROBLEM, False)


@pytest.mark.parametrize(("by", "told"), [(3, "3.0 s ahead of"), (-3, "3.0 s behind")])
async def test_a_clock_that_is_wrong(by: int, told: str, postgres_database: str) -> None:
    wrong = Clock(now=lambda: now() + timedelta(seconds=by))
    [finding] = (await examined(postgres_database, clock=wrong))["clock"]
    assert (finding.level, told in finding.text) == (_PROBLEM, True), finding


async def test_ports(sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        [finding] = (await examined(sqlite_url, port=str(taken.getsockname()[1])))["port"]
    assert (finding.level, "taken by another program" in finding.text) == (_PROBLEM, True)
    [finding] = (await examined(sqlite_url, port="0"))["port"]
    assert finding.text == "127.0.0.1 port 0 is free, which is DRAGOMAN_PORT; `dragoman serve --port` may name another"
    with serve(sqlite_url) as server:
        port = server.base.rpartition(":")[2]
        [finding] = (await examined(sqlite_url, port=port))["port"]
    assert (finding.level, finding.text) == (_OK, f"a server is at port {port}, and ready")
    [finding] = (await examined(sqlite_url, host="192.0.2.1", port="1234"))["port"]
    assert (finding.level, "192.0.2.1 port 1234" in finding.text) == (_PROBLEM, True)


async def test_settings_that_are_none(sqlite_url: str) -> None:
    """Nor those that Kubernetes sets for a service of our name."""
    names = ("DRAGOMAN_DATABSE_URL", "DRAGOMAN_MOTTO", "DRAGOMAN_SERVICE_HOST", "DRAGOMAN_PORT_8000_TCP_ADDR", "DRAGO")
    found = (await examined(sqlite_url, dict.fromkeys(names, "x")))["settings"]
    assert [(finding.level, finding.text) for finding in found] == [
        (_PROBLEM, "DRAGOMAN_DATABSE_URL is no setting"),
        (_NOTE, "DRAGOMAN_MOTTO is no setting"),
    ]
    assert "DRAGOMAN_DATABASE_URL" in found[0].remedy
