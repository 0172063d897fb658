"""Commands on orders: import from a file, look at one, follow what happens to all."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from app.cli.base import (
    AnyTenant,
    Failure,
    TenantName,
    console,
    example,
    line_of,
    moment,
    operator,
    plain,
    tenant_of,
    tenants_of,
    with_store,
)
from app.cli.finding import order_of
from app.cli.picture import picture
from app.core import ids, times
from app.core.ledger import Ledger
from app.core.ports import Store, StoredEvent, Tenant
from app.service.clock import Clock
from app.service.live import Live
from app.service.reader import Ended, Reader
from app.service.signals import Signals
from app.settings import load

_commands = typer.Typer()
COMMANDS = {"": _commands}
_COLOURS = {"cancel": "red", "cancellation": "red", "return": "magenta", "fulfillment": "green"}


def _events() -> list[str]:
    from app.dialects.native.hooks import EVENTS

    return [*EVENTS]


@_commands.command(
    name="import",
    epilog=example("dragoman import orders.csv --tenant Acme", "dragoman import - --tenant Acme < orders.ndjson"),
)
def import_command(
    file: Annotated[
        Path, typer.Argument(help="NDJSON, one body of POST /api/orders a line, or CSV; - is standard input")
    ],
    tenant: TenantName,
    form: Annotated[
        Literal["ndjson", "csv"] | None,
        typer.Option("--format", help="without it: csv for a file named so, else ndjson"),
    ] = None,
) -> None:
    """Import orders from a file. A second run of the same file creates nothing twice. docs/import.md has the layout."""
    from app import bulk

    settings = load()
    as_sheet = form == "csv" if form else file.suffix.lower() in {".csv", ".tsv"}

    async def run(store: Store) -> bulk.Totals:
        owner = await tenant_of(store, tenant)
        return await bulk.import_file(
            store, operator(owner.id), file, as_sheet=as_sheet, longest=settings.body_limit
        )  # fmt: skip

    totals = with_store(run)
    if totals.broken is None or totals.created or totals.existing or totals.rejected:
        typer.echo(f"{totals.created} created, {totals.existing} there already, {totals.rejected} rejected")
    if totals.broken is not None:
        raise Failure(f"{file}: {totals.broken}")
    if totals.rejected:
        sys.exit(1)


@_commands.command(epilog=example("dragoman order 1001", "dragoman order shopline:633130-1001 --json | jq .lines"))
def order(
    which: Annotated[str, typer.Argument(metavar="ID", help="its number, its id or that of a part of it, dialect:id")],
    *,
    tenant: AnyTenant = None,
    as_json: Annotated[bool, typer.Option("--json", help="print it as GET /api/orders/ID does")] = False,
) -> None:
    """Show where every unit of an order is. And who holds it, what was asked for, what it costs."""
    from app.dialects.native import mapping

    async def read(store: Store) -> tuple[Tenant, Ledger, dict[str, str]]:
        owner, found = await order_of(store, await tenants_of(store, tenant), which)
        return owner, Ledger(found), {place.id: place.name for place in await store.locations(owner.id)}

    owner, ledger, names = with_store(read)
    if as_json:
        typer.echo(line_of(mapping.from_order(ledger)))
        return
    shown = console()
    for part in picture(ledger, owner.name, lambda id_: names.get(id_, id_)):
        shown.print(part, soft_wrap=isinstance(part, Text))


@_commands.command(
    epilog=example("dragoman tail --kind cancellation", "dragoman tail --order 1001 --since 2h --json | jq .type")
)
def tail(
    *,
    tenant: AnyTenant = None,
    order: Annotated[
        str | None, typer.Option("--order", help="only of this order, as `dragoman order` takes it")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="only of this type, such as order.created, or cancellation for all of these; may repeat",
            autocompletion=_events,
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(help="begin there: RFC 3339, or so long ago: 90m, 2h, 3d")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print events as GET /api/events does, one a line")] = False,
) -> None:
    """Follow events as they happen, until Ctrl-C. `--since` begins with those that happened before."""
    types = _types(kind or ())
    after = ids.first_of(moment(since)) if since is not None else None

    async def follow(store: Store) -> None:
        owners, orders = await tenants_of(store, tenant), []
        if order is not None:
            owner, found = await order_of(store, owners, order)
            owners, orders = [owner], [found.id]
        if not owners:
            raise Failure("there is no tenant yet; make one with: dragoman tenant add NAME")
        signals = Signals()
        await store.pass_on(signals)
        live = Live(store, signals, Clock(), check_every=inf)  # nobody's key: there is none to look at again
        readers = [await live.open(operator(each.id), after=after, orders=orders, types=types) for each in owners]
        names = [each.name if len(owners) > 1 else "" for each in owners]
        typer.echo("following; Ctrl-C ends it", err=True)
        shown = None if as_json else console()
        await asyncio.gather(*(_show(reader, name, shown) for reader, name in zip(readers, names, strict=True)))

    with suppress(KeyboardInterrupt):
        with_store(follow)


def _types(given: Sequence[str]) -> list[str]:
    found, events = [], _events() if given else []
    for kind in given:
        known = [type_ for type_ in events if type_ == kind or type_.startswith(f"{kind}.")]
        if not known:
            raise Failure(f"{kind!r} is no type of event; there are: {', '.join(events)}")
        found += known
    return found


async def _show(reader: Reader, tenant: str, shown: Console | None) -> None:
    from app.dialects.native import mapping_requests

    async for item in reader:
        if shown is None:
            typer.echo(line_of(mapping_requests.from_event(item.event)))
        else:
            shown.print(_line(item.event, tenant), soft_wrap=True)
    if reader.ended is not Ended.CLOSED:
        raise Failure("the events could not be followed any longer: the database, or this terminal, was too slow")


def _line(event: StoredEvent, tenant: str) -> Text:
    text = Text(f"{times.text(event.at)}  ")
    text.append(f"{event.type:24}", style=_COLOURS.get(event.type.partition(".")[0], "cyan"))
    text.append(f"  {event.order_id}  v{event.version}  {event.dialect}/{event.party}")
    text.append(plain(f"  {tenant}") if tenant else "")
    text.append(f"  {_change(json.loads(event.before), json.loads(event.after))}")
    return text


def _change(before: dict[str, Any], after: dict[str, Any]) -> str:
    """`open 5→2, cancelled 0→3`: units of all lines that were touched, and the order's state if that is another."""
    counted: list[Counter[str]] = [Counter(), Counter()]
    for counts, side in zip(counted, (before, after), strict=True):
        for line in side.get("lines", {}).values():
            counts.update({name: n for name, n in line.items() if isinstance(n, int)})
    told = [f"{n} {counted[0][n]}→{counted[1][n]}" for n in counted[1] if counted[0][n] != counted[1][n]]
    if before.get("state") != after.get("state"):
        told.insert(0, f"{before.get('state', 'new')}→{after.get('state')}")
    return ", ".join(told)
