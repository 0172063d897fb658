"""Command lines read as the command reads them, without running anything. No test and no fixture is here."""

from collections.abc import Iterator, Sequence
from typing import Any

import typer.main

from app.cli import cli


def understood(words: Sequence[str]) -> None:
    """Raises what the terminal would show of wrong usage."""
    command: Any = typer.main.get_command(cli)
    name, rest = "dragoman", list(words)
    context = command.make_context(name, [], resilient_parsing=True)
    while hasattr(command, "commands"):
        name, command, rest = command.resolve_command(context, rest)
    command.make_context(name, rest, parent=context)


def commands() -> Iterator[tuple[str, Any]]:
    """All commands that do something, by the words that name them."""
    root: Any = typer.main.get_command(cli)
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {under}", each) for under, each in inner.items())
