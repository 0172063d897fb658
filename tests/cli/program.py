"""The `dragoman` command, in this process or in one of its own. No test and no fixture is here."""

import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
import msgspec

from app.cli import main
from app.service.vault import new_key

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds, for whatever is waited for
SECRET_KEY = new_key()
_URL = re.compile(r"Dragoman serves (http://\S+)")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "app", *words]


def environment(database_url: str | None = None, **settings: str) -> dict[str, str]:
    """Ours, without the settings of whoever runs the tests; ours in lower case and without a prefix."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    if database_url is not None:
        settings["database_url"] = database_url
    settings.setdefault("secret_key", SECRET_KEY)
    given = {name if name.isupper() else f"DRAGOMAN_{name.upper()}": value for name, value in settings.items()}
    path = os.pathsep.join([str(ROOT), given.pop("PYTHONPATH", "")])
    return {**inherited, **given, "PYTHONPATH": path}


def run(*words: str, database_url: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """In this process, which takes a hundredth of the time; `test_process.py` has the commands in both ways.

    All but those that might not end, and that catch signals.
    """
    if words[:1] in {("serve",), ("worker",)}:
        return start(*words, database_url=database_url, stdin=stdin, **settings)
    out, err = (TextIOWrapper(BytesIO(), "utf-8") for _ in range(2))
    collecting = gc.get_threshold()
    with (
        TemporaryFile("w+", encoding="utf-8") as given,
        patch.dict(os.environ, environment(database_url, **settings), clear=True),
        patch.multiple(sys, argv=["dragoman", *words], stdin=given),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        given.write(stdin)
        given.seek(0)
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            gc.set_threshold(*collecting)  # an import changes it
    return subprocess.CompletedProcess(["dragoman", *words], status, _told(out), _told(err))


def _told(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def start(
    *words: str, database_url: str, stdin: str = "", within: Sequence[str] = (), **settings: str
) -> subprocess.CompletedProcess[str]:
    """As its users run it: a process of its own, until it ends. `within`: as in `serving`."""
    return subprocess.run(
        [*within, *command(*words)],
        env=environment(database_url, **settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def succeed(*words: str, database_url: str, **settings: str) -> str:
    done = run(*words, database_url=database_url, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that did not do what it was told, without its name in front."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("dragoman: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("dragoman: ").rstrip("\n")


def add_key(database_url: str, tenant: str, *words: str) -> Any:
    return msgspec.json.decode(succeed("key", "add", "--tenant", tenant, "--json", *words, database_url=database_url))


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


@dataclass
class Serving:
    """A running `dragoman serve`, alone in its process group as behind a terminal."""

    process: subprocess.Popen[str]
    log: Path
    url: str = ""

    @property
    def text(self) -> str:
        return self.log.read_text()

    def stop(self, by: signal.Signals, *, group: bool = False) -> int:
        if group:
            os.killpg(self.process.pid, by)
        else:
            self.process.send_signal(by)
        return self.process.wait(PATIENCE)

    def send(self, method: str, path: str, key: str = "", body: Any = None) -> httpx.Response:
        """On a connection of its own."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.request(method, self.url + path, headers=headers, json=body, timeout=PATIENCE)

    def get(self, path: str, key: str = "") -> httpx.Response:
        return self.send("GET", path, key)


@contextmanager
def serving(
    folder: Path, database_url: str, *words: str, within: Sequence[str] = (), **settings: str
) -> Iterator[Serving]:
    """Yields once the address is told; the server then takes connections, though it may still be starting.

    `within`: a program that becomes the server, which is what it is told to run.
    """
    log = folder / f"serve-{uuid4().hex}.log"
    with log.open("w") as err:
        process = subprocess.Popen(
            [*within, *command("serve", "--port", "0", *words)],
            env=environment(database_url, **settings),
            stdout=err,
            stderr=err,
            text=True,
            start_new_session=True,
        )
    server = Serving(process, log)
    try:
        until(lambda: _URL.search(server.text) is not None or process.poll() is not None, "the server's address")
        found = _URL.search(server.text)
        assert found, server.text
        server.url = found[1]
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
