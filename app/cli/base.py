"""What the commands share: the store they work on, tenants by name, and how a failure is told."""

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.core.model import Party
from app.core.ports import Store, Tenant
from app.service.access import SCOPES, Caller
from app.service.clock import Clock
from app.settings import Settings, load
from app.store import is_current, is_embedded, migrate, open_store

_T = TypeVar("_T")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

TenantName = Annotated[str, typer.Option("--tenant", help="name or id of the tenant")]
AnyTenant = Annotated[str | None, typer.Option("--tenant", help="name or id of the tenant; without it: all")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, an object a line")]


def operator(tenant_id: str) -> Caller:
    """Whoever may run commands here: nobody's key, and every right."""
    return Caller(tenant_id, "command-line", Party.ADMIN, frozenset(SCOPES), None, None)


class Failure(Exception):  # noqa: N818 - its text is what the terminal shows
    pass


def group(help_: str) -> typer.Typer:
    return typer.Typer(help=help_, no_args_is_help=True, rich_markup_mode=None)


def example(*lines: str) -> str:
    """What ends a command's help. (The mark keeps the lines as they are.)"""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def with_store(work: Callable[[Store], Awaitable[_T]]) -> _T:
    settings = load()
    prepare(settings)
    return run(work, settings)


def prepare(settings: Settings) -> None:
    """An embedded database migrates itself; another one is migrated by hand, when its operator wants it.

    Only if it has to be: looking costs a millisecond, migrating half a second of imports.
    """
    if is_embedded(settings.database_url) and not is_current(settings.database_url):
        migrate(settings.database_url)


def run(work: Callable[[Store], Awaitable[_T]], settings: Settings) -> _T:
    async def working() -> _T:
        store = await open_store(
            settings.database_url, pool_size=4, timeout=settings.statement_timeout, direct=settings.direct_url
        )
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(working())


async def tenant_of(store: Store, name: str) -> Tenant:
    """By id, else by name: a tenant may rename itself to what another is called."""
    tenants = await store.tenants()
    found = [each for each in tenants if each.id == name] or [each for each in tenants if each.name == name]
    if not found:
        raise Failure(f"there is no tenant {name!r}; make one with: dragoman tenant add {shlex.quote(name)}")
    if len(found) > 1:
        raise Failure(f"several tenants are named {name!r}; use an id: {', '.join(each.id for each in found)}")
    return found[0]


async def tenants_of(store: Store, name: str | None) -> list[Tenant]:
    return await store.tenants() if name is None else [await tenant_of(store, name)]


def check_known(what: str, given: Sequence[str] | None, known: Sequence[str]) -> None:
    for name in given or ():
        if name not in known:
            raise Failure(f"{name!r} is no {what}; there are: {', '.join(known)}")


def moment(text: str) -> datetime:
    """A time, or how long ago it was: `2026-01-31T12:00:00Z`, `90m`, `2h`, `3d`."""
    from app.dialects.native import times

    number, unit = text[:-1], text[-1:]
    if unit in _UNITS and number.isascii() and number.isdigit() and len(number) <= 6:
        return Clock().now() - timedelta(**{_UNITS[unit]: int(number)})
    try:
        return times.read(text)
    except ValueError:
        raise Failure(f"{text!r} is no time: 2026-01-31T12:00:00Z, or so long ago: 90m, 2h, 3d") from None


def tell(rows: Sequence[dict[str, Any]], *, as_json: bool, empty: str) -> None:
    """Rows with the same names: an object a line, or a table whose columns have those names."""
    if as_json:
        for row in rows:
            typer.echo(line_of(row))
        return
    if not rows:
        typer.echo(empty, err=True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(_cell(value))) for value in row.values()))
    console().print(table)


def console() -> Console:
    """Colours on a terminal only. Elsewhere lines are as long as they are: another program reads them."""
    made = Console(highlight=False, markup=False, emoji=False)
    return made if made.is_terminal else Console(file=made.file, highlight=False, markup=False, width=10_000)


def line_of(value: Any) -> str:
    """One of JSON, in which what a terminal would obey is escaped, and so says the same."""
    text = msgspec.json.encode(value).decode()
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def plain(text: str) -> str:
    """Without what a terminal would obey: texts of orders are anybody's."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None or value == "" else str(value)
