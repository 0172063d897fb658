"""Checks of what is called outside: receivers of webhooks, warehouses. A look is an OPTIONS, which changes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Literal
from urllib.parse import urlsplit

from app.core.outbox import Subscription
from app.core.ports import Location, Store, Tenant
from app.doctor.checks import Finding, Patient, check, note, ok, problem
from app.service import addresses, names
from app.service.connectors import Unanswered
from app.warehouse.client import Client

_SECONDS = 5.0
_AT_ONCE = 16
_GONE = (404, 410)
_ADDRESSES = ("url", "token_url")
"""Settings of a location that are called."""


@check("webhooks", stored=True)
async def webhooks(patient: Patient) -> AsyncIterator[Finding]:
    to_see: dict[str, str] = {}
    working = 0
    for tenant in await patient.store.tenants():
        for each in await patient.store.subscriptions(tenant.id):
            name = f"{tenant.name}'s webhook {each.id}"
            said = await _history(patient.store, each, name)
            if said is None:
                to_see[f"{name} at {each.url}"] = each.url
            elif isinstance(said, Finding):
                yield said
                continue
            working += each.active
    async for finding in _seen(patient, to_see, "correct the URL, or mend the receiver: PATCH /api/webhooks/{id}"):
        working -= 1
        yield finding
    if working:
        yield ok(f"webhooks with nothing wrong: {working}")


async def _history(store: Store, held: Subscription, name: str) -> Finding | Literal["fine"] | None:
    """What its last message came to says more than any look from outside; None: nothing is known."""
    again = f"then `dragoman replay {held.id} --from TIME` sends what it missed"
    if not held.active:
        remedy = f'mend the receiver, PATCH /api/webhooks/{held.id} {{"active": true}}, {again}'
        why = held.disabled_reason
        return problem(f"{name} was disabled: {why}", remedy) if why else "fine"
    log = await store.delivery_log(held.tenant_id, held.id, None, "", 1)
    attempt = log[0].attempts[-1] if log and log[0].attempts else None
    if attempt is None or attempt.at <= held.updated_at:
        return None
    if attempt.status in _GONE:
        remedy = f'correct its URL, {held.url}: PATCH /api/webhooks/{held.id} {{"url": …}}; {again}'
        return problem(f"{name} answers {attempt.status} to what is sent", remedy)
    if held.failing_since is not None:
        why = attempt.error or f"status {attempt.status}"
        return problem(f"{name} fails ({why})", f"mend the receiver at {held.url}; tries go on meanwhile")
    return "fine" if attempt.status is not None and 200 <= attempt.status < 300 else None


@check("locations", stored=True)
async def locations(patient: Patient) -> AsyncIterator[Finding]:
    to_see: dict[str, str] = {}
    for tenant in await patient.store.tenants():
        for each in await patient.store.locations(tenant.id):
            to_see |= dict(_called(tenant, each))
    wrong = 0
    async for finding in _seen(patient, to_see, "correct it: PATCH /api/locations/{id}, or see whether it runs"):
        wrong += 1
        yield finding
    if to_see and not patient.settings.public_url:
        yield note("warehouses are not told where to call back", "set DRAGOMAN_PUBLIC_URL, if they answer later")
    if len(to_see) > wrong:
        yield ok(f"addresses of locations that answer: {len(to_see) - wrong}")


def _called(tenant: Tenant, location: Location) -> Iterator[tuple[str, str]]:
    settings = json.loads(location.settings)
    for name in _ADDRESSES:
        if isinstance(settings.get(name), str):
            yield f"{tenant.name}'s location {location.name} at {settings[name]}", settings[name]


async def _seen(patient: Patient, urls: dict[str, str], remedy: str) -> AsyncIterator[Finding]:
    """What is wrong with them. Each URL is looked at once, many at a time."""
    private = patient.settings.webhook_allow_private
    client, room = Client(allow_private=private), asyncio.Semaphore(_AT_ONCE)

    async def look(url: str) -> str | None:
        async with room:
            return await _wrong(client, url, allow_private=private)

    try:
        distinct = [*dict.fromkeys(urls.values())]
        wrong = dict(zip(distinct, await asyncio.gather(*map(look, distinct)), strict=True))
    finally:
        await client.close()
    for name, url in urls.items():
        if why := wrong[url]:
            yield problem(f"{name}: {why}", remedy)


async def _wrong(client: Client, url: str, *, allow_private: bool) -> str | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    found = [host] if addresses.parse(host) else await names.resolve(host, parts.port or 443)
    if not found:
        return f"the name {host} does not resolve"
    if not allow_private and not any(addresses.is_public(each) for each in found):
        return f"{host} is a private address, which is not called without DRAGOMAN_WEBHOOK_ALLOW_PRIVATE"
    if not allow_private and parts.scheme != "https":
        return "it is plain http, which is not called without DRAGOMAN_WEBHOOK_ALLOW_PRIVATE"
    try:
        answer = await client.look("OPTIONS", url, _SECONDS)
    except Unanswered as error:
        return str(error)
    return f"it answers {answer.status}" if answer.status in _GONE else None
