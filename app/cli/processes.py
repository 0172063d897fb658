"""Commands that run the program, and what it needs before that: schema, secret key, contracts, demo data."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from app.cli.base import Failure, example, prepare, run, with_store
from app.core.refusal import Code, Refusal
from app.service.vault import new_key
from app.settings import PREFIX, load
from app.store import HEAD, is_embedded, migrate
from app.vaults import vault_of, vault_or_none

_commands = typer.Typer()
COMMANDS = {"": _commands}


@_commands.command(epilog=example("dragoman serve --host 0.0.0.0 --workers 2", "dragoman serve --demo"))
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
    from app import demo, serving

    if no_worker:
        os.environ[f"{PREFIX}NO_WORKER"] = "true"  # the web processes read it there
    settings = load()
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        workers=settings.workers if workers is None else workers,
    )
    prepare(settings)
    vault = vault_of(settings)
    run(lambda store: store.ready(), settings)
    try:
        server = serving.Server(settings)
    except OSError as error:
        raise _cannot_listen(settings.host, settings.port, error) from error
    if with_demo:
        typer.echo(run(lambda store: demo.add(store, server.url, vault, settings), settings))
    typer.echo(f"Dragoman serves {server.url} (stop with Ctrl-C)", err=True)
    server.run()


@_commands.command(epilog=example("dragoman worker --metrics-port 9100"))
def worker(
    metrics_port: Annotated[
        int | None, typer.Option(help="port for /metrics and /health; 0: none", min=0, max=65535)
    ] = None,
) -> None:
    """Send webhooks and mail, ask warehouses, until stopped. On PostgreSQL any number may run side by side."""
    from app import serving
    from app.working import work

    settings = load()
    if metrics_port is not None:
        settings = replace(settings, metrics_port=metrics_port)
    prepare(settings)
    try:
        listening = serving.listen(settings.host, settings.metrics_port) if settings.metrics_port else None
    except OSError as error:
        raise _cannot_listen(settings.host, settings.metrics_port, error) from error
    work(settings, listening)


@_commands.command(epilog=example("export DRAGOMAN_SECRET_KEY=$(dragoman secret)"))
def secret() -> None:
    """Print a new key for DRAGOMAN_SECRET_KEY."""
    typer.echo(new_key())


@_commands.command(
    name="migrate", epilog=example("DRAGOMAN_DATABASE_URL=postgresql://user:password@host/db dragoman migrate")
)
def migrate_command() -> None:
    """Bring the database to this program's schema. Running it again changes nothing."""
    settings = load()
    url = settings.direct_url or settings.database_url
    with _reachable(url):
        before = migrate(url)
        asyncio.run(_distribute(url, only_if_begun=True))
    typer.echo(_migrated(before))


def _migrated(before: str | None) -> str:
    if before is None:
        return f"the empty database was migrated to revision {HEAD}"
    if before == HEAD:
        return "the database is up to date"
    return f"the database was migrated from revision {before} to {HEAD}"


@_commands.command(name="distribute", epilog=example("dragoman distribute --dry-run", "dragoman distribute"))
def distribute_command(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="only print the steps")] = False
) -> None:
    """Distribute the tables by tenant over Citus.

    Prints each step; what is done already is left out.
    """
    settings = load()
    url = settings.direct_url or settings.database_url
    with _reachable(url):
        asyncio.run(_distribute(url, dry_run=dry_run))
    typer.echo("these are all steps" if dry_run else "the database is distributed by tenant")


async def _distribute(url: str, *, only_if_begun: bool = False, dry_run: bool = False) -> None:
    from app.store.distributing import Undistributable, distribute

    try:
        async for step in distribute(url, only_if_begun=only_if_begun, dry_run=dry_run):
            typer.echo(step)
    except Undistributable as no:
        raise Failure(str(no)) from no


@contextmanager
def _reachable(url: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise error if is_embedded(url) else Refusal(Code.UNAVAILABLE) from error


@_commands.command(name="demo", epilog=example("dragoman demo"))
def demo_command() -> None:
    """Add demo orders in every state. Prints a key and calls to paste."""
    from app import demo, serving

    settings = load()
    vault, url = vault_or_none(settings), serving.url_of(settings.host, settings.port)
    typer.echo(with_store(lambda store: demo.add(store, url, vault, settings)))


@_commands.command(epilog=example("dragoman contracts --check"))
def contracts(
    check: Annotated[bool, typer.Option("--check", help="compare only; status 1 if a file differs")] = False,
) -> None:
    """Write openapi/ and schema.graphql. Clients are generated from these files."""
    from app.contracts import differences, write

    if not check:
        for path in write():
            typer.echo(path)
        return
    if changed := differences():
        raise Failure(f"out of date: {', '.join(changed)} (run `dragoman contracts`)")


def _cannot_listen(host: str, port: int, error: OSError) -> Failure:
    return Failure(f"cannot listen on {host} port {port}: {error.strerror or error}")
