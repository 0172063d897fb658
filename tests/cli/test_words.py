"""What the command says: help with examples that it understands itself, completion in shells, and every failure in one
line.
"""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.parsing import commands, understood
from tests.cli.program import PATIENCE, ROOT, command, environment, refused, start, succeed

_CALL = re.compile(r"\bdragoman ([^|<)]+)")


def test_the_help_of_every_command_has_examples_that_it_understands() -> None:
    found = dict(commands())
    assert {"serve", "worker", "order", "tail", "replay", "doctor", "tenant list", "key list"} <= found.keys()
    for name, each in found.items():
        examples = [call for line in (each.epilog or "").splitlines() for call in _CALL.findall(line)]
        assert examples, name
        for example in examples:
            assert example.startswith(name), example
            understood(shlex.split(example))


def test_the_documents_tell_of_commands_that_there_are() -> None:
    """Whole ones on lines of their own, perhaps abbreviated ones between back quotes."""
    texts = [page.read_text() for page in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]]
    whole = {call for text in texts for call in re.findall(r"^(?:\S+/)?dragoman ([a-z][^\n|<#]*)", text, re.MULTILINE)}
    short = {call for text in texts for call in re.findall(r"`dragoman ([a-z][^`]*)`", text)}
    assert len(whole) > 5
    for call in whole:
        understood(shlex.split(call))
    names = [name.split() for name, _ in commands()]
    assert [call for call in short if not any(call.split()[: len(name)] == name for name in names)] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    script = _completion(shell)
    assert f"_DRAGOMAN_COMPLETE=complete_{shell}" in script


def test_bash_completes(tmp_path: Path) -> None:
    """The script in a real shell, with the command as installed."""
    program = tmp_path / "dragoman"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n')
    program.chmod(0o755)
    asked = {"dragoman te": "tenant", "dragoman key add --party w": "warehouse"}
    asked |= {"dragoman tail --kind cancellation.acc": "cancellation.accepted"}
    lines = [_completion("bash")]
    for typed in asked:
        words = typed.split(" ")
        lines += [f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}", "_dragoman_completion dragoman"]
        lines += ['echo "${COMPREPLY[*]}"']
    environment_ = environment() | {"PATH": f"{tmp_path}:{environment()['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],  # noqa: S607 - whichever bash its user has
        env=environment_,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=True,
    )
    assert done.stdout.splitlines() == [*asked.values()]


def _completion(shell: str) -> str:
    return succeed(database_url="sqlite:///nowhere.db", _DRAGOMAN_COMPLETE=f"source_{shell}")


def test_what_nobody_expected_is_one_line_too(tmp_path: Path) -> None:
    """Without its words, which may hold anything; whoever asks for them gets them, and the place."""
    # Read by every Python at its start: the command breaks inside.
    (tmp_path / "sitecustomize.py").write_text(
        "import app.service.vault\ndef broken():\n    raise ValueError('hunter2')\napp.service.vault.new_key = broken\n"
    )
    words = {"database_url": f"sqlite:///{tmp_path}/x.db", "PYTHONPATH": str(tmp_path)}
    line = refused(start("secret", **words))
    assert line == "something unexpected happened (ValueError); DRAGOMAN_LOG_LEVEL=debug shows where"
    told = start("secret", log_level="debug", **words)
    assert told.returncode == 1
    assert "ValueError: hunter2" in told.stderr
