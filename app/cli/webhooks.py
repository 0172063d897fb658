"""Commands on webhooks: which there are, and sending again what one missed."""

import asyncio
from typing import Annotated, Any

import typer

from app.cli.base import (
    AnyTenant,
    AsJson,
    example,
    group,
    line_of,
    moment,
    operator,
    prepare,
    tell,
    tenants_of,
    with_store,
)
from app.core import times
from app.core.outbox import Subscription
from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.service import checks
from app.service.deliveries import Range
from app.settings import load

_commands = typer.Typer()
_webhooks = group("Subscriptions to events.")
COMMANDS = {"": _commands, "webhook": _webhooks}


@_webhooks.command("list", epilog=example("dragoman webhook list --tenant Acme"))
def webhook_list(*, tenant: AnyTenant = None, as_json: AsJson = False) -> None:
    """List webhooks, and whether they work."""

    async def read(store: Store) -> list[dict[str, Any]]:
        return [
            _row(each, owner.name)
            for owner in await tenants_of(store, tenant)
            for each in await store.subscriptions(owner.id)
        ]

    tell(with_store(read), as_json=as_json, empty="there is no webhook yet; POST /api/webhooks makes one")


def _row(held: Subscription, tenant: str) -> dict[str, Any]:
    if held.active:
        state = "active" if held.failing_since is None else f"failing since {times.text(held.failing_since)}"
    else:
        state = f"disabled: {held.disabled_reason}" if held.disabled_reason else "inactive"
    return {
        "id": held.id,
        "tenant": tenant,
        "dialect": held.dialect,
        "url": held.url,
        "topics": held.topics or "every",
        "state": state,
    }


@_commands.command(
    epilog=example(
        "dragoman replay 01a1fd49-558e-7a6e-ac3b-c27f9a412345 --from 2h",
        "dragoman replay 01a1fd49-558e-7a6e-ac3b-c27f9a412345 --from 2026-01-31T12:00:00Z --until 2026-01-31T13:00:00Z",
    )
)
def replay(
    webhook: Annotated[str, typer.Argument(metavar="WEBHOOK", help="its id, from `dragoman webhook list`")],
    *,
    first: Annotated[
        str, typer.Option("--from", help="time of the first event: RFC 3339, or so long ago: 90m, 2h, 3d")
    ],
    until: Annotated[str, typer.Option("--until", help="likewise, exclusive")] = "0s",
    as_json: AsJson = False,
) -> None:
    """Send a webhook the events of a time range again. A worker goes through them; see POST /api/webhooks/ID/replay."""
    from app.dialects.native import mapping_webhooks
    from app.main import running

    begin, end, settings = moment(first), moment(until), load()
    prepare(settings)

    async def work() -> Range:
        made: list[Range] = []
        async with running(settings, worker=False) as (store, services):
            caller = operator(await _owner(store, webhook))
            await services.deliveries.replay(
                caller, None, lambda range_: _kept(range_, made), subscription_id=webhook, first=begin, end=end
            )
        return made[0]

    range_ = asyncio.run(work())
    shown = mapping_webhooks.from_range(range_)
    if as_json:
        typer.echo(line_of(shown))
        return
    typer.echo(f"replay {range_.id}: events from {shown['from']} until {shown['until']} go out again")


def _kept(range_: Range, into: list[Range]) -> str:
    into[:] = [range_]
    return ""


async def _owner(store: Store, webhook: str) -> str:
    """The id of the tenant that has it."""
    if checks.is_id(webhook):
        for tenant in await store.tenants():
            if await store.subscription(tenant.id, webhook) is not None:
                return tenant.id
    raise Refusal(Code.SUBSCRIPTION_NOT_FOUND)
