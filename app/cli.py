"""The `dragoman` command. Every expected failure ends with one line and status 1, never with a traceback."""

import asyncio
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from app import bulk, demo, serving
from app.contracts import differences, write
from app.core.model import Party
from app.core.policy import Policy
from app.core.ports import MAX_KEY, Store, Tenant
from app.core.refusal import Code, Refusal
from app.service.access import SCOPES, Keys
from app.service.clock import Clock
from app.service.vault import new_key
from app.settings import PREFIX, SettingError, Settings, load
from app.store import SchemaOutdated, Unusable, is_embedded, migrate, open_store
from app.vaults import vault_of, vault_or_none
from app.web.dialect import discover

_T = TypeVar("_T")

cli = typer.Typer(
    name="dragoman",
    help="One order core that partners cancel and return orders on, each in its own dialect.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
tenants = typer.Typer(
    help="The organizations that own orders, keys and policies.", no_args_is_help=True, rich_markup_mode=None
)
keys = typer.Typer(help="API keys.", no_args_is_help=True, rich_markup_mode=None)
cli.add_typer(tenants, name="tenant")
cli.add_typer(keys, name="key")

_TenantName = Annotated[str, typer.Option("--tenant", help="name or id of the tenant")]


class _Failure(Exception):  # noqa: N818 - its text is what the terminal shows
    pass


def main() -> None:
    try:
        cli()
    except (SettingError, SchemaOutdated, _Failure) as problem:
        _fail(str(problem))
    except Unusable as problem:
        _fail(f"the database of DRAGOMAN_DATABASE_URL cannot be used: {_one_line(problem)}")
    except Refusal as refusal:
        _fail(_REFUSED.get(refusal.code, str(refusal)))
    except OSError as error:
        _fail(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))


_REFUSED = {
    Code.UNAVAILABLE: "the database cannot be reached: is DRAGOMAN_DATABASE_URL right, and is it running?",
    Code.TIMED_OUT: "the database took too long to answer",
    Code.BUSY: "the database is busy with other writers; try again",
    Code.TENANT_INACTIVE: "the tenant is not active",
}


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _fail(text: str) -> None:
    typer.echo(f"dragoman: {text}", err=True)
    sys.exit(1)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on; 0 takes a free one", min=0, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="web processes", min=1)] = None,
    with_demo: Annotated[bool, typer.Option("--demo", help="add demo orders, print a call per dialect")] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="leave webhooks and warehouses to `dragoman worker`")
    ] = False,
) -> None:
    """Serve all dialects until stopped."""
    if no_worker:
        os.environ[f"{PREFIX}NO_WORKER"] = "true"  # the web processes read it there
    settings = load()
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        workers=settings.workers if workers is None else workers,
    )
    _prepare(settings)
    vault = vault_of(settings)
    _run(lambda store: store.ready(), settings)
    try:
        server = serving.Server(settings)
    except OSError as error:
        raise _Failure(f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}") from error
    if with_demo:
        typer.echo(_run(lambda store: demo.add(store, server.url, vault), settings))
    typer.echo(f"Dragoman serves {server.url} (stop with Ctrl-C)", err=True)
    server.run()


@cli.command()
def worker() -> None:
    """Send webhooks, ask warehouses, until stopped. On PostgreSQL any number of workers may run side by side."""
    # Not at the top: it is the whole application, and no other command needs it in this process.
    from app.working import work  # noqa: PLC0415

    settings = load()
    _prepare(settings)
    work(settings)


@cli.command()
def secret() -> None:
    """Print a new key for DRAGOMAN_SECRET_KEY."""
    typer.echo(new_key())


@cli.command(name="migrate")
def migrate_command() -> None:
    """Bring the database to this program's schema. Running it again changes nothing."""
    settings = load()
    try:
        migrate(settings.database_url)
    except OSError as error:
        raise error if is_embedded(settings.database_url) else Refusal(Code.UNAVAILABLE) from error
    typer.echo("the database is up to date")


@tenants.command("add")
def tenant_add(name: Annotated[str, typer.Argument(help="a name of its own")]) -> None:
    """Add a tenant and print its id."""
    if not name.strip() or not name.isprintable() or len(name) > MAX_KEY:
        raise _Failure(f"a tenant's name has 1 to {MAX_KEY} printable characters")

    async def add(store: Store) -> str:
        if any(name in {tenant.name, tenant.id} for tenant in await store.tenants()):
            raise _Failure(f"there is a tenant named {name!r} already")
        tenant = Tenant(id=demo.new_tenant_id(), name=name, active=True, policy=Policy(), created_at=Clock().now())
        await store.add_tenant(tenant)
        return tenant.id

    typer.echo(_with_store(add))


@keys.command("add")
def key_add(
    *,
    tenant: _TenantName,
    scope: Annotated[
        list[str] | None, typer.Option(help=f"may repeat; without it every scope: {', '.join(SCOPES)}")
    ] = None,
    party: Annotated[Party, typer.Option(help="whose key it is")] = Party.SELLER,
    dialect: Annotated[list[str] | None, typer.Option(help="may repeat; without it every dialect")] = None,
    name: Annotated[str, typer.Option(help="what it is for")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print a JSON object with id and key")] = False,
) -> None:
    """Make an API key and print it; it cannot be shown again."""
    _check_known("scope", scope, SCOPES)
    _check_known("dialect", dialect, tuple(known.name for known in discover()))

    async def add(store: Store) -> dict[str, Any]:
        owner = await _tenant(store, tenant)
        scopes = tuple(dict.fromkeys(scope)) if scope else SCOPES
        dialects = tuple(dict.fromkeys(dialect)) if dialect else None
        keys_ = Keys(store, Clock(), vault=vault_or_none(load()))
        made, key = await keys_.add(owner.id, name=name, party=party, scopes=scopes, dialects=dialects)
        return {
            "id": made.id,
            "key": key,
            "tenant_id": owner.id,
            "party": party.value,
            "scopes": scopes,
            "dialects": dialects,
        }

    made = _with_store(add)
    typer.echo(msgspec.json.encode(made).decode() if as_json else f"{made['key']}\n(id {made['id']}; not shown again)")


@keys.command("revoke")
def key_revoke(id_: Annotated[str, typer.Argument(metavar="ID", help="the key's id")]) -> None:
    """Revoke a key for good. Running servers notice within DRAGOMAN_AUTH_CACHE seconds."""

    async def revoke(store: Store) -> None:
        for tenant in await store.tenants():
            if await store.credential(tenant.id, id_) is not None:
                await Keys(store, Clock()).revoke(tenant.id, id_)
                return
        raise _Failure(f"there is no key with id {id_!r}")

    _with_store(revoke)
    typer.echo(f"revoked {id_}")


@cli.command(name="import")
def import_command(
    file: Annotated[Path, typer.Argument(help="NDJSON: one body of POST /api/orders a line; - is standard input")],
    tenant: _TenantName,
) -> None:
    """Import orders from a file. A second run of the same file creates nothing twice."""
    settings = load()

    async def run(store: Store) -> bulk.Totals:
        owner = await _tenant(store, tenant)
        return await bulk.import_file(store, owner.id, file, longest=settings.body_limit)

    totals = _with_store(run)
    typer.echo(f"{totals.created} created, {totals.existing} there already, {totals.rejected} rejected")
    if totals.rejected:
        sys.exit(1)


@cli.command(name="demo")
def demo_command() -> None:
    """Add demo orders in every state. Prints a key, and a call to paste for each dialect."""
    settings = load()
    vault, url = vault_or_none(settings), serving.url_of(settings.host, settings.port)
    typer.echo(_with_store(lambda store: demo.add(store, url, vault)))


@cli.command()
def contracts(
    check: Annotated[bool, typer.Option("--check", help="compare only; status 1 if a file differs")] = False,
) -> None:
    """Write openapi/ and schema.graphql. Clients are generated from these files."""
    if not check:
        for path in write():
            typer.echo(path)
        return
    if changed := differences():
        raise _Failure(f"out of date: {', '.join(changed)} (run `dragoman contracts`)")


def _with_store(work: Callable[[Store], Awaitable[_T]]) -> _T:
    settings = load()
    _prepare(settings)
    return _run(work, settings)


def _prepare(settings: Settings) -> None:
    """An embedded database migrates itself; another one is migrated by hand, when its operator wants it."""
    if is_embedded(settings.database_url):
        serving.migrate_embedded(settings.database_url)


def _run(work: Callable[[Store], Awaitable[_T]], settings: Settings) -> _T:
    async def run() -> _T:
        store = await open_store(settings.database_url, pool_size=4, timeout=settings.statement_timeout)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def _tenant(store: Store, name: str) -> Tenant:
    """By id, else by name: a tenant may rename itself to what another is called."""
    tenants = await store.tenants()
    found = [each for each in tenants if each.id == name] or [each for each in tenants if each.name == name]
    if not found:
        raise _Failure(f"there is no tenant {name!r}; make one with: dragoman tenant add {shlex.quote(name)}")
    if len(found) > 1:
        raise _Failure(f"several tenants are named {name!r}; use an id: {', '.join(each.id for each in found)}")
    return found[0]


def _check_known(what: str, given: list[str] | None, known: tuple[str, ...]) -> None:
    for name in given or ():
        if name not in known:
            raise _Failure(f"{name!r} is no {what}; there are: {', '.join(known)}")
