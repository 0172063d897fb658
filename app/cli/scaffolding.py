"""`dragoman new-dialect`: one more face from a template, with the tests that it has to pass."""

import importlib
import keyword
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from app.cli.base import Failure, example

_commands = typer.Typer()
COMMANDS = {"": _commands}
_ROOT = Path(__file__).parents[2]
_TEMPLATES = Path(__file__).with_name("templates")
_MARK = re.compile(r"@([A-Z]+)@")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 30
"""Of a name: lines of the templates are within the house's limit with it."""
_TAKEN = frozenset({"/health", "/metrics", "/console", "/docs"})
"""First segments of paths that are not a dialect's."""


@_commands.command(
    name="new-dialect",
    epilog=example("dragoman new-dialect acme_shop --rest", "dragoman new-dialect acme_shop --graphql"),
)
def new_dialect(
    name: Annotated[str, typer.Argument(help="of its folder, such as acme_shop; its prefix is then /acme-shop")],
    *,
    rest: Annotated[bool, typer.Option("--rest", help="it speaks REST")] = False,
    graphql: Annotated[bool, typer.Option("--graphql", help="it speaks GraphQL")] = False,
) -> None:
    """Write a new dialect with its tests and its page.

    It lists, reads and cancels orders. In a checkout of the project.
    """
    if rest == graphql:
        raise typer.BadParameter("give one of them, and only one", param_hint=["--rest", "--graphql"])
    files = _files(name, "rest" if rest else "graphql")
    _check(name, files)
    for path, text in files.items():
        (_ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (_ROOT / path).write_text(text)
    for path in sorted([*files, *_contracts(name)]):
        typer.echo(path)
    typer.echo(
        f"It passes as it is: pytest tests/dialects/{name}. docs/adding-a-dialect.md says how to go on.", err=True
    )


def _files(name: str, kind: str) -> Mapping[str, str]:
    """By path from the repository's root."""
    words = [word.capitalize() for word in name.split("_")]
    page = name.replace("_", "-")
    values = {
        "NAME": name,
        "PAGE": page,
        "PREFIX": f"/{page}",
        "TITLE": " ".join(words),
        "CLASS": "".join(words),
        "HEADER": "-".join(words),
        "CANCELLED": "cancelled" if kind == "rest" else "CANCELLED",
    }
    return {
        str(path.relative_to(_TEMPLATES / part))
        .removesuffix(".txt")
        .replace("NAME", name)
        .replace("PAGE", page): _MARK.sub(lambda found: values[found[1]], path.read_text())
        for part in ("both", kind)
        for path in sorted((_TEMPLATES / part).rglob("*.txt"))
    }


def _check(name: str, files: Mapping[str, str]) -> None:
    """Before anything is written: half a dialect would stop every start."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Failure(f"{name!r} cannot be a folder's name in Python: take small letters, digits and _, as acme_shop")
    if len(name) > _LONGEST:
        raise Failure(f"{name!r} is longer than {_LONGEST} letters")
    if not (_ROOT / "tests/dialects").is_dir():
        raise Failure(
            f"{_ROOT} is no checkout of the project, which a dialect's tests need: tests/dialects is not there"
        )
    for problem in _conflicts(name, files):
        raise Failure(f"{problem}; take another name")


def _conflicts(name: str, files: Mapping[str, str]) -> Iterator[str]:
    from app.web.dialect import discover

    prefix = "/" + name.replace("_", "-")
    for dialect in discover():
        if dialect.name == name:
            yield f"there is a dialect {name!r} already"
        if prefix in dialect.prefixes:
            yield f"{prefix} is a prefix of the dialect {dialect.name!r}"
    if prefix in _TAKEN:
        yield f"{prefix} is served already, and is no dialect's"
    modules = [f"tests/dialects/{name}.py", f"tests/dialects/{name}", f"openapi/{name}.json", f"openapi/{name}.graphql"]
    for path in [*files, *modules]:
        if (_ROOT / path).exists():
            yield f"{path} is there already"


def _contracts(name: str) -> list[str]:
    """Written from what the new dialect says of itself, as `dragoman contracts` does."""
    package = importlib.import_module("app.dialects")
    # Found while the folder was not there yet: what is remembered of the path has to go.
    sys.path_importer_cache.pop(str(next(iter(package.__path__))), None)
    importlib.invalidate_caches()
    texts = importlib.import_module(f"app.dialects.{name}").DIALECT.contract()
    for path, text in texts.items():
        (_ROOT / path).write_text(text)
    return [*texts]
