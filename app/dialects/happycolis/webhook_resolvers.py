"""HappyColis' subscriptions (contract 4.4): one event type and one URL each, of two kinds."""

from typing import Any

from ariadne import MutationType

from app.core.outbox import Subscription
from app.core.refusal import Code, Refusal
from app.dialects.happycolis import inputs
from app.dialects.happycolis.finding import call_for
from app.dialects.happycolis.picture import NAME
from app.service.access import Caller
from app.web.graphql import Info

mutation = MutationType()

_INTEGRATION, _CLIENT = "INTEGRATION", "OAUTH_CLIENT"


def from_subscription(held: Subscription, secret: str | None) -> dict[str, Any]:
    """Signed with the client's own secret; there is no key in the answer for another one."""
    if secret is not None:
        told = "of your key cannot sign: it is older than webhooks are; use a newer key"
        raise Refusal(Code.INVALID, field="the secret", problem=told)
    blocked = not held.active or (held.blocking and held.failing_since is not None)
    return {
        "id": held.id,
        "type": held.topics[0] if held.topics else "*",
        "health": "BLOCKED" if blocked else "HEALTHY",
        "endPoint": held.url,
    }


def _own(held: Subscription, caller: Caller, kind: str) -> dict[str, Any]:
    """Only one's own can be removed, each by the mutation of its kind."""
    if held.credential_id != caller.credential_id or held.settings.get("kind", kind) != kind:
        raise Refusal(Code.SUBSCRIPTION_NOT_FOUND)
    return {"id": held.id}


async def _create(info: Info, given: Any, kind: str) -> Any:
    call = call_for(info, "edit_integrations")
    call.require("view_orders")  # whoever may not read orders has none sent either
    body = inputs.read(given, inputs.Webhook)
    stored = await call.services.webhooks.add(
        call.caller,
        call.once(info),
        lambda held, secret: call.render(info, from_subscription(held, secret)),
        dialect=NAME,
        url=body.end_point,
        topics=(body.type,),
        headers=body.headers,
        settings={"kind": kind},
    )
    return call.finished(stored)


async def _remove(info: Info, subscription_id: str, kind: str) -> Any:
    call = call_for(info, "edit_integrations")
    stored = await call.services.webhooks.remove(
        call.caller,
        call.once(info),
        lambda held: call.render(info, _own(held, call.caller, kind)),
        subscription_id=subscription_id,
        dialect=NAME,
    )
    return call.finished(stored)


@mutation.field("integrationWebhookCreate")
async def integration_webhook_create(_: Any, info: Info, **given: Any) -> Any:
    return await _create(info, given["input"], _INTEGRATION)


@mutation.field("integrationWebhookRemove")
async def integration_webhook_remove(_: Any, info: Info, **given: Any) -> Any:
    return await _remove(info, given["id"], _INTEGRATION)


@mutation.field("oauthWebhookCreate")
async def oauth_webhook_create(_: Any, info: Info, **given: Any) -> Any:
    return await _create(info, given["input"], _CLIENT)


@mutation.field("oauthWebhookRemove")
async def oauth_webhook_remove(_: Any, info: Info, **given: Any) -> Any:
    return await _remove(info, given["id"], _CLIENT)
