"""`dragoman migrate`, and what refuses to run without it."""

import asyncio
import signal
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from alembic import command
from sqlalchemy import create_engine

from app.store import HEAD
from app.store.migrating import config
from tests.cli.program import refused, run, serving, succeed
from tests.postgres import drop_database, fresh_database


def test_a_server_refuses_a_database_that_is_not_migrated(postgres: str, tmp_path: Path) -> None:
    url = asyncio.run(fresh_database(postgres))
    try:
        for words in (("serve", "--port", "0"), ("tenant", "add", "Acme")):
            line = refused(run(*words, database_url=url))
            assert line == f"the database schema is empty, this program needs {HEAD}: run `dragoman migrate`"
        assert succeed("migrate", database_url=url) == f"the empty database was migrated to revision {HEAD}"
        assert succeed("migrate", database_url=url) == "the database is up to date"
        pooler = "postgresql://nobody@127.0.0.1:1/nowhere"  # which migrating passes by
        assert succeed("migrate", database_url=pooler, direct_url=url) == "the database is up to date"
        assert succeed("tenant", "add", "Acme", database_url=url)
        with serving(tmp_path, url.replace("postgresql://", "postgres://")) as server:
            assert server.get("/health/ready").json() == {"status": "ready"}
            assert server.stop(signal.SIGTERM) == 0
    finally:
        asyncio.run(drop_database(postgres, url))


def test_an_embedded_database_migrates_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'dragoman.db'}"
    assert succeed("tenant", "add", "Acme", database_url=url)
    assert succeed("migrate", database_url=url) == "the database is up to date"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [("database", ("migrate",)), ("password", ("demo",)), ("port", ("migrate",)), ("port", ("demo",))],
)
def test_a_url_that_leads_nowhere(wrong: str, words: tuple[str, ...], postgres: str) -> None:
    parts = urlsplit(postgres)
    password = parts.password or ""
    url = {
        "database": parts._replace(path="/nowhere").geturl(),
        "password": postgres.replace(password, "wrong") if password else postgres.replace("://", "://nobody:wrong@"),
        "port": postgres.replace(f":{parts.port}", ":port"),
    }[wrong]
    line = refused(run(*words, database_url=url))
    assert line.startswith("the database of DRAGOMAN_DATABASE_URL cannot be used: ")
    assert "wrong" not in line
    assert not password or password not in line


def test_it_says_from_which_revision_to_which(tmp_path: Path) -> None:
    path = tmp_path / "dragoman.db"
    with closing(create_engine(f"sqlite:///{path}").connect()) as connection:
        command.upgrade(config(connection), "0008")
        connection.commit()
    line = succeed("migrate", database_url=f"sqlite:///{path}")
    assert line == f"the database was migrated from revision 0008 to {HEAD}"
