"""`dragoman doctor` for the terminal."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from app.cli.base import console, example, line_of, plain
from app.settings import SettingError, load

if TYPE_CHECKING:  # as everything that only one command needs, it is imported where that command begins
    from app.doctor import Finding

_commands = typer.Typer()
COMMANDS = {"": _commands}
_COLOURS = {"ok": "green", "note": "yellow", "problem": "bold red"}


@_commands.command(
    epilog=example("dragoman doctor", "dragoman doctor --json | jq '.findings[] | select(.level == \"problem\")'")
)
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help='print {"ok": …, "findings": […]}')] = False,
) -> None:
    """Find the usual mistakes and say what to do about each. Status 1 if there is a problem. Changes nothing."""
    found = asyncio.run(_found(quiet=as_json))
    problems = sum(finding.level == "problem" for _, finding in found)
    if as_json:
        shown = [
            {"check": name, "level": each.level.value, "text": each.text, "remedy": each.remedy or None}
            for name, each in found
        ]
        typer.echo(line_of({"ok": not problems, "findings": shown}))
    else:
        notes = sum(finding.level == "note" for _, finding in found)
        more = f", {_counted(notes, 'note')} to read" if notes else ""
        typer.echo(f"{_counted(problems, 'problem')} found{more}")
    if problems:
        sys.exit(1)


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


async def _found(*, quiet: bool) -> "list[tuple[str, Finding]]":
    """Shown as they come, since some are waited for."""
    from app.doctor import Finding, Level, Patient, examine

    found: list[tuple[str, Finding]] = []
    try:
        patient = Patient(settings=load(), environment=os.environ)
    except SettingError as error:
        found = [("settings", Finding(Level.PROBLEM, str(error), "correct it; docs/settings.md lists all"))]
        if not quiet:
            _show(*found[0])
        return found
    async for name, finding in examine(patient):
        found.append((name, finding))
        if not quiet:
            _show(name, finding)
    return found


def _show(name: str, finding: "Finding") -> None:
    text = Text(f"{finding.level.value:8}", style=_COLOURS[finding.level])
    text.append(plain(f"{name}: {finding.text}"), style="not bold default")
    if finding.remedy:
        text.append("\n" + plain(f"{'':8}→ {finding.remedy}"), style="not bold default")
    console().print(text, soft_wrap=True)
