"""Commands on tenants and their API keys."""

from typing import Annotated, Any

import typer

from app.cli.base import (
    AnyTenant,
    AsJson,
    Failure,
    TenantName,
    check_known,
    example,
    group,
    line_of,
    tell,
    tenant_of,
    tenants_of,
    with_store,
)
from app.core import times
from app.core.model import Party
from app.core.policy import Policy
from app.core.ports import MAX_KEY, Credential, Store, Tenant
from app.service.access import SCOPES, Keys
from app.service.clock import Clock
from app.settings import load
from app.vaults import vault_or_none

_tenants = group("The organizations that own orders, keys and policies.")
_keys = group("API keys.")
COMMANDS = {"tenant": _tenants, "key": _keys}


def _dialects() -> list[str]:
    from app.web.dialect import discover

    return [dialect.name for dialect in discover()]


@_tenants.command("add", epilog=example("dragoman tenant add Acme"))
def tenant_add(name: Annotated[str, typer.Argument(help="a name of its own")]) -> None:
    """Add a tenant and print its id."""
    from app import demo

    if not name.strip() or not name.isprintable() or len(name) > MAX_KEY:
        raise Failure(f"a tenant's name has 1 to {MAX_KEY} printable characters")

    async def add(store: Store) -> str:
        if any(name in {tenant.name, tenant.id} for tenant in await store.tenants()):
            raise Failure(f"there is a tenant named {name!r} already")
        tenant = Tenant(id=demo.new_tenant_id(), name=name, active=True, policy=Policy(), created_at=Clock().now())
        await store.add_tenant(tenant)
        return tenant.id

    typer.echo(with_store(add))


@_tenants.command("list", epilog=example("dragoman tenant list", "dragoman tenant list --json | jq -r .id"))
def tenant_list(*, as_json: AsJson = False) -> None:
    """List all tenants, oldest first."""

    async def read(store: Store) -> list[Tenant]:
        return sorted(await store.tenants(), key=lambda tenant: tenant.created_at)

    rows = [
        {"id": each.id, "name": each.name, "active": each.active, "created_at": times.text(each.created_at)}
        for each in with_store(read)
    ]
    tell(rows, as_json=as_json, empty="there is no tenant yet; make one with: dragoman tenant add NAME")


@_keys.command("add", epilog=example("dragoman key add --tenant Acme --name shop --scope read_orders"))
def key_add(
    *,
    tenant: TenantName,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"may repeat; without it every scope: {', '.join(SCOPES)}", autocompletion=lambda: list(SCOPES)
        ),
    ] = None,
    party: Annotated[Party, typer.Option(help="whose key it is")] = Party.SELLER,
    dialect: Annotated[
        list[str] | None,
        typer.Option(help="may repeat; without it every dialect", autocompletion=_dialects),
    ] = None,
    name: Annotated[str, typer.Option(help="what it is for")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print a JSON object with id and key")] = False,
) -> None:
    """Make an API key and print it; it cannot be shown again."""
    check_known("scope", scope, SCOPES)
    if dialect:
        check_known("dialect", dialect, _dialects())

    async def add(store: Store) -> dict[str, Any]:
        owner = await tenant_of(store, tenant)
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

    made = with_store(add)
    typer.echo(line_of(made) if as_json else f"{made['key']}\n(id {made['id']}; not shown again)")


@_keys.command("list", epilog=example("dragoman key list --tenant Acme"))
def key_list(*, tenant: AnyTenant = None, as_json: AsJson = False) -> None:
    """List API keys, without their secrets."""

    async def read(store: Store) -> list[dict[str, Any]]:
        return [
            _row(each, owner.name)
            for owner in await tenants_of(store, tenant)
            for each in await store.credentials(owner.id)
        ]

    rows = with_store(read)
    if not as_json:
        rows = [
            row
            | {"scopes": "every" if set(row["scopes"]) == set(SCOPES) else row["scopes"]}
            | {"dialects": "every" if row["dialects"] is None else row["dialects"]}
            for row in rows
        ]
    tell(rows, as_json=as_json, empty="there is no key yet; make one with: dragoman key add --tenant NAME")


def _row(held: Credential, tenant: str) -> dict[str, Any]:
    if held.revoked_at is not None:
        state = "revoked"
    elif held.expires_at is not None and held.expires_at <= Clock().now():
        state = "expired"
    else:
        state = "valid"
    return {
        "id": held.id,
        "tenant": tenant,
        "name": held.name,
        "party": held.party.value,
        "scopes": held.scopes,
        "dialects": held.dialects,
        "state": state,
        "expires_at": times.maybe_text(held.expires_at),
    }


@_keys.command("revoke", epilog=example("dragoman key revoke 5f0c8a1be2d34977"))
def key_revoke(id_: Annotated[str, typer.Argument(metavar="ID", help="the key's id")]) -> None:
    """Revoke a key for good. Running servers notice within DRAGOMAN_AUTH_CACHE seconds."""

    async def revoke(store: Store) -> None:
        for tenant in await store.tenants():
            if await store.credential(tenant.id, id_) is not None:
                await Keys(store, Clock()).revoke(tenant.id, id_)
                return
        raise Failure(f"there is no key with id {id_!r}")

    with_store(revoke)
    typer.echo(f"revoked {id_}")
