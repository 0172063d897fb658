"""`dragoman contracts` on a copy of the program, so that the committed files stay as they are."""

import json
import shutil
import subprocess
from pathlib import Path

from app import postman
from app.web.dialect import discover
from tests.cli.program import PATIENCE, ROOT, command, environment, run


def test_written_and_compared(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app", tmp_path / "app")
    expected = sorted([postman.PATH, *(path for dialect in discover() for path in dialect.contract())])
    assert "openapi/native.json" in expected
    assert _run(tmp_path) == (0, "".join(f"{path}\n" for path in expected), "")
    path = tmp_path / "openapi/native.json"
    document = json.loads(path.read_text())
    assert document["openapi"].startswith("3.")
    path.write_text(json.dumps({**document, "paths": {}}))
    (tmp_path / "openapi/shopline.json").unlink()
    changed = "openapi/native.json, openapi/shopline.json"
    assert _run(tmp_path, "--check") == (1, "", f"dragoman: out of date: {changed} {_HINT}")


def test_the_committed_ones_are_up_to_date() -> None:
    done = run("contracts", "--check", database_url="sqlite:///nowhere.db")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


_HINT = "(run `dragoman contracts`)\n"


def _run(folder: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        command("contracts", *words),
        env=environment() | {"PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
