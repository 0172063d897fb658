"""Settings and arguments that cannot be: one line that names them, status 1, nothing done and no traceback."""

from pathlib import Path

import pytest

from app.settings import SettingError, load
from tests.cli.program import refused, run

_BAD = {
    "PORT": {"x": "'x' is not a whole number", "70000": "70000 is not from 0 to 65535", "-1": "-1 is not from"},
    "WORKERS": {"0": "0 is not from 1 to 1000", "2.5": "is not a whole number"},
    "POOL_SIZE": {"0": "0 is not from 1"},
    "BODY_LIMIT": {"-5": "-5 is not from 1"},
    "STATEMENT_TIMEOUT": {"nan": "nan is not from", "0": "0.0 is not from", "soon": "'soon' is not a number"},
    "SHUTDOWN_TIMEOUT": {"inf": "inf is not from 0"},
    "AUTH_CACHE": {"-1": "-1.0 is not from 0"},
    "GRAPHQL_INTROSPECTION": {"no": "'no' is not true or false", "": "'' is not true or false"},
    "GRAPHQL_DEPTH": {"0": "0 is not from 1 to 200"},
    "GRAPHQL_TOKENS": {"many": "'many' is not a whole number"},
    "LOG_FORMAT": {"xml": "'xml' is neither json nor text"},
    "LOG_LEVEL": {"loud": "'loud' is not debug, info, warning or error"},
    "SMTP_TIMEOUT": {"0": "0.0 is not from"},
    "SMTP_URL": {
        "http://mail.example": "is neither smtp://HOST:PORT nor smtps://HOST:PORT",
        "smtp://user:hunter2@mail.example?tls=1": "has an option 'tls'",
        "smtp://mail.example": "needs DRAGOMAN_MAIL_FROM",
    },
    "MAIL_FROM": {"shop": "is no mail address", "a <b@c> d": "is neither `Name <address>` nor an address"},
    "DATABASE_URL": {
        "mysql://localhost/x": "is neither sqlite:///PATH nor postgresql://…",
        "sqlite:///": "names no file: sqlite:///PATH",
        "": "is neither sqlite:///PATH nor postgresql://…",
    },
}


_CASES = [(name, value, told) for name, values in _BAD.items() for value, told in values.items()]


@pytest.mark.parametrize(("name", "value", "told"), _CASES)
def test_bad_settings(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingError) as problem:
        load({f"DRAGOMAN_{name}": value})
    line = str(problem.value)
    assert line.startswith(f"DRAGOMAN_{name}")
    assert told in line
    assert "\n" not in line
    assert "hunter2" not in line


def test_a_bad_setting_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    for words in (("serve", "--port", "0"), ("tenant", "add", "Acme")):
        line = refused(run(*words, database_url=f"sqlite:///{path}", log_level="loud"))
        assert line == "DRAGOMAN_LOG_LEVEL='loud' is not debug, info, warning or error"
    assert not path.exists()


@pytest.mark.parametrize(("text", "value"), [("true", True), ("True", True), ("false", False), ("FALSE", False)])
def test_true_and_false(text: str, value: bool) -> None:
    assert load({"DRAGOMAN_GRAPHQL_INTROSPECTION": text}).graphql_introspection is value


def test_good_settings() -> None:
    settings = load({"DRAGOMAN_DATABASE_URL": "postgres://u:p@h1:1,h2:2/x", "DRAGOMAN_PORT": "0", "PORT": "x"})
    assert settings.database_url == "postgresql://u:p@h1:1,h2:2/x"
    assert settings.port == 0
    assert settings.workers == 1


@pytest.mark.parametrize("words", [("serve", "--port", "70000"), ("nonsense",)])
def test_bad_arguments(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("made", ["folder", "text"])
def test_a_file_that_is_no_database(made: str, tmp_path: Path) -> None:
    path = tmp_path / "dragoman.db"
    path.mkdir() if made == "folder" else path.write_text("Dear diary, today I was taken for a database.")
    line = refused(run("tenant", "add", "Acme", database_url=f"sqlite:///{path}"))
    assert line.startswith("the database of DRAGOMAN_DATABASE_URL cannot be used: ")


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("migrate",)])
def test_no_database_at_the_url(words: tuple[str, ...]) -> None:
    done = run(*words, database_url="postgresql://somebody:secret@127.0.0.1:1/orders")
    assert refused(done) == "the database cannot be reached: is DRAGOMAN_DATABASE_URL right, and is it running?"


def test_help_is_for_people(tmp_path: Path) -> None:
    done = run("--help", database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert done.returncode == 0
    for word in (
        "serve",
        "worker",
        "migrate",
        "import",
        "order",
        "tail",
        "replay",
        "doctor",
        "demo",
        "contracts",
        "tenant",
        "key",
    ):
        assert f"\n  {word} " in done.stdout
    assert "..." not in done.stdout.split("Commands:")[1], "the first sentence is longer than its line"
