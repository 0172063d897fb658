"""SHOPLINE's routes on webhooks (contract 1.3: rows 20 and 21, the id first; 4.5).

One that was disabled, because it kept failing, is gone from these routes; the native API still has it.
"""

from typing import Any
from uuid import UUID

from app.core.outbox import Subscription
from app.core.refusal import Code, Refusal
from app.dialects.shopline_admin import bodies, envelopes, times
from app.dialects.shopline_admin.goods import NAME
from app.dialects.shopline_admin.hooks import API_VERSION, HOOKS, OLDEST, SHOP_DOMAIN
from app.web.face import Routes
from app.web.reply import Reply, json, pack, unpack
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]
_SCOPE = "manage_webhooks"
_SCOPE_OF_TOPICS = "read_orders"
"""What every topic is about is read with this scope."""
_EXACT = (1 << 53) - 1


@routes.get("/webhooks.json", scope=_SCOPE, answer=envelopes.WebhookList)
async def list_webhooks(call: _Call) -> Reply:
    """List webhooks, oldest first."""
    return json({"webhooks": [_webhook(each) for each in await _active(call)]})


@routes.get("/webhooks/count.json", scope=_SCOPE, answer=envelopes.Count)
async def count_webhooks(call: _Call) -> Reply:
    """Count webhooks."""
    return json({"count": len(await _active(call))})


@routes.post("/webhooks.json", scope=_SCOPE, body=bodies.WebhookIn, answer=envelopes.OneWebhook)
async def create_webhook(call: Call[bodies.WebhookIn, Nothing]) -> Reply:
    """Have what happens to orders sent to an address.

    The messages are signed with the secret of the key that makes the webhook: its last part, after the second dot.
    """
    call.caller.require(_SCOPE_OF_TOPICS)
    asked = call.body.webhook
    stored = await call.services.webhooks.add(
        call.caller,
        call.once,
        lambda made, _: _reply(made),
        dialect=NAME,
        url=asked.address,
        topics=(asked.topic,),
        settings={API_VERSION: asked.api_version} | ({SHOP_DOMAIN: asked.shop_domain} if asked.shop_domain else {}),
    )
    return unpack(stored)


@routes.get("/{webhook_id}/webhooks.json", scope=_SCOPE, answer=envelopes.OneWebhook)
async def get_webhook(call: _Call) -> Reply:
    """Read a webhook."""
    return json({"webhook": _webhook(await _found(call))})


@routes.put("/{webhook_id}/webhooks.json", scope=_SCOPE, body=bodies.WebhookPatch, answer=envelopes.OneWebhook)
async def update_webhook(call: Call[bodies.WebhookPatch, Nothing]) -> Reply:
    """Change a webhook's address, topic or version. What is left out stays as it is."""
    call.caller.require(_SCOPE_OF_TOPICS)
    held, asked = await _found(call), call.body.webhook
    changed: dict[str, Any] = {} if asked.address is None else {"url": asked.address}
    if asked.topic is not None:
        changed["topics"] = (asked.topic,)
    if asked.api_version is not None:
        changed["settings"] = {**held.settings, API_VERSION: asked.api_version}
    stored = await call.services.webhooks.edit(
        call.caller, call.once, lambda edited, _: _reply(edited), subscription_id=held.id, dialect=NAME, changed=changed
    )
    return unpack(stored)


@routes.delete("/{webhook_id}/webhooks.json", scope=_SCOPE, answer=envelopes.Gone)
async def delete_webhook(call: _Call) -> Reply:
    """Delete a webhook. What is still on its way to it is dropped."""
    held = await _replayable(call)
    stored = await call.services.webhooks.remove(
        call.caller, call.once, lambda _: pack(json({})), subscription_id=held, dialect=NAME
    )
    return unpack(stored)


def number(subscription: Subscription) -> int:
    """2.10: the id as a JSON number, within what every reader of JSON keeps exact; the rest of it is time."""
    return UUID(subscription.id).int & _EXACT


async def _active(call: _Call) -> list[Subscription]:
    found = await call.services.webhooks.subscriptions(call.caller.tenant_id, NAME)
    return [each for each in found if each.active]


async def _found(call: _Call) -> Subscription:
    """By its number, or by the id that the native API has for it."""
    for each in await _active(call):
        if call.path["webhook_id"] in {str(number(each)), each.id}:
            return each
    raise Refusal(Code.SUBSCRIPTION_NOT_FOUND)


async def _replayable(call: _Call) -> str:
    """Its id; or, when it is deleted already, one that leads to the answer of the same request before."""
    try:
        return (await _found(call)).id
    except Refusal:
        if call.once is None:
            raise
        return call.path["webhook_id"]


def _reply(subscription: Subscription) -> str:
    return pack(json({"webhook": _webhook(subscription)}))


def _webhook(subscription: Subscription) -> envelopes.Webhook:
    return {
        "id": number(subscription),
        "topic": ", ".join(subscription.topics or HOOKS.topics),
        "address": subscription.url,
        "api_version": str(subscription.settings.get(API_VERSION, OLDEST)),
        "created_at": times.text(subscription.created_at),
        "updated_at": times.text(subscription.updated_at),
    }
