"""`dragoman worker`, a process of its own; no test and no fixture is here."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.program import PATIENCE, command, environment


@contextmanager
def working(folder: Path, database_url: str, **settings: str) -> Iterator[None]:
    with (folder / "worker.log").open("w") as log:
        process = subprocess.Popen(command("worker"), env=environment(database_url, **settings), stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
