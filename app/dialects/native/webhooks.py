"""Native routes on webhooks, what they were sent, and tasks that were set aside."""

from datetime import datetime
from functools import partial
from typing import Any

from app.core import ids
from app.core.outbox import Delivery, DeliveryState, Subscription
from app.dialects.native import bodies_webhooks as bodies
from app.dialects.native import mapping_webhooks as mapping
from app.dialects.native import wire_webhooks as wire
from app.dialects.native.paging import bad_cursor
from app.service.deliveries import Range
from app.web.face import Routes
from app.web.reply import Reply, json, pack, unpack
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]
_SCOPE = "manage_webhooks"
_ONE = "/webhooks/{webhook_id}"
_DELIVERY = "/webhooks/{webhook_id}/deliveries/{delivery_id}"


def _webhook(subscription: Subscription, secret: str | None = None, *, status: int = 200) -> str:
    return pack(json(mapping.from_subscription(subscription, secret), status))


def _delivery(delivery: Delivery) -> str:
    return pack(json(mapping.from_delivery(delivery)))


def _replay(range_: Range) -> str:
    return pack(json(mapping.from_range(range_)))


@routes.post("/webhooks", scope=_SCOPE, body=bodies.WebhookIn, answer=wire.Webhook, status=201)
async def add_webhook(call: Call[bodies.WebhookIn, Nothing]) -> Reply:
    """Have events sent to a URL, in the words of a dialect. Needs `read_orders`, too.

    The secret is shown in this answer only, not in one repeated under an Idempotency-Key.
    """
    call.caller.require("read_orders")
    facts = call.body.model_dump(exclude={"topics"})
    add = call.services.webhooks.add
    return unpack(
        await add(call.caller, call.once, partial(_webhook, status=201), topics=call.body.topics or (), **facts)
    )


@routes.get("/webhooks", scope=_SCOPE, query=bodies.WebhookQuery, answer=wire.WebhookList)
async def list_webhooks(call: Call[Nothing, bodies.WebhookQuery]) -> Reply:
    """All webhooks, oldest first."""
    found = await call.services.webhooks.subscriptions(call.caller.tenant_id, call.query.dialect)
    return json({"webhooks": [mapping.from_subscription(each) for each in found]})


@routes.get("/webhook-topics", scope=_SCOPE, answer=wire.TopicList)
async def list_topics(call: _Call) -> Reply:
    """What webhooks can be about, in each dialect that the key may be used with."""
    offered = call.services.webhooks.offered(call.caller)
    return json({"dialects": [mapping.from_hooks(name, hooks) for name, hooks in offered.items()]})


@routes.get(_ONE, scope=_SCOPE, answer=wire.Webhook)
async def get_webhook(call: _Call) -> Reply:
    """Read a webhook."""
    found = await call.services.webhooks.subscription(call.caller.tenant_id, call.path["webhook_id"])
    return json(mapping.from_subscription(found))


@routes.patch(_ONE, scope=_SCOPE, body=bodies.WebhookPatch, answer=wire.Webhook)
async def edit_webhook(call: Call[bodies.WebhookPatch, Nothing]) -> Reply:
    """Change what is given. Activating a disabled webhook forgets its failures; a replay sends what it missed."""
    call.caller.require("read_orders")
    secret = call.body.secret
    changed = call.body.model_dump(exclude={"secret", "rotate_secret", "topics"}, exclude_none=True)
    if "topics" in call.body.model_fields_set:
        changed["topics"] = tuple(call.body.topics or ())
    stored = await call.services.webhooks.edit(
        call.caller,
        call.once,
        _webhook,
        subscription_id=call.path["webhook_id"],
        changed=changed,
        rotate=call.body.rotate_secret or secret is not None,
        secret=secret,
    )
    return unpack(stored)


@routes.delete(_ONE, scope=_SCOPE, answer=wire.Webhook)
async def remove_webhook(call: _Call) -> Reply:
    """Remove a webhook, and what is on its way to it."""
    stored = await call.services.webhooks.remove(
        call.caller, call.once, _webhook, subscription_id=call.path["webhook_id"]
    )
    return unpack(stored)


@routes.get(f"{_ONE}/deliveries", scope=_SCOPE, query=bodies.DeliveryQuery, answer=wire.DeliveryList)
async def list_deliveries(call: Call[Nothing, bodies.DeliveryQuery]) -> Reply:
    """What a webhook was sent, newest first, with the answer to each try. Needs `read_orders`, too.

    `state=failing`: those that failed for good, and those that are to be tried again after a try that failed.
    """
    call.caller.require("read_orders")
    asked = call.query.state
    state = DeliveryState(asked) if asked and asked != "failing" else asked
    before, limit = _cursor(call.query.cursor), call.query.limit
    found = await call.services.deliveries.log(call.caller.tenant_id, call.path["webhook_id"], state, before, limit + 1)
    page = found[:limit]
    cursor = page[-1].id if len(found) > limit else None
    return json({"deliveries": [mapping.from_delivery(each) for each in page], "next_cursor": cursor})


@routes.get(_DELIVERY, scope=_SCOPE, answer=wire.Delivery)
async def get_delivery(call: _Call) -> Reply:
    """Read a delivery. Needs `read_orders`, too."""
    call.caller.require("read_orders")
    tenant_id, path = call.caller.tenant_id, call.path
    found = await call.services.deliveries.delivery(tenant_id, path["webhook_id"], path["delivery_id"])
    return json(mapping.from_delivery(found))


@routes.post(f"{_DELIVERY}/redeliver", scope=_SCOPE, answer=wire.Delivery)
async def redeliver(call: _Call) -> Reply:
    """Send a message again at once, under the same id, however it ended before."""
    stored = await call.services.deliveries.redeliver(call.caller, call.once, _delivery, **_which(call))
    return unpack(stored)


@routes.post(f"{_DELIVERY}/skip", scope=_SCOPE, answer=wire.Delivery)
async def skip_delivery(call: _Call) -> Reply:
    """Give up a message that still waits, so that those behind it may go. One that is done stays as it is."""
    return unpack(await call.services.deliveries.skip(call.caller, call.once, _delivery, **_which(call)))


@routes.post(f"{_ONE}/replay", scope=_SCOPE, body=bodies.ReplayIn, answer=wire.Replay)
async def replay_events(call: Call[bodies.ReplayIn, Nothing]) -> Reply:
    """Send the events of a time range, those that were sent before under the same ids.

    There are those of times when some webhook of the tenant was active.
    """
    end: datetime = call.body.until or call.services.clock.now()
    stored = await call.services.deliveries.replay(
        call.caller,
        call.once,
        _replay,
        subscription_id=call.path["webhook_id"],
        first=call.body.first,
        end=end,
    )
    return unpack(stored)


@routes.post(f"{_ONE}/test", scope=_SCOPE, body=bodies.TestIn, answer=wire.Delivery)
async def test_webhook(call: Call[bodies.TestIn, Nothing]) -> Reply:
    """Send a made-up message, marked by the header `X-Dragoman-Test`; how it went is in the deliveries."""
    test = call.services.deliveries.test
    subscription_id = call.path["webhook_id"]
    stored = await test(
        call.caller, call.once, _delivery, subscription_id=subscription_id, topic=call.body.topic
    )  # fmt: skip
    return unpack(stored)


@routes.get("/tasks", scope="admin", query=bodies.TaskQuery, answer=wire.TaskList)
async def list_tasks(call: Call[Nothing, bodies.TaskQuery]) -> Reply:
    """Tasks that were set aside after their last try, oldest first."""
    limit = call.query.limit
    found = await call.services.tasks.aside(call.caller.tenant_id, _cursor(call.query.cursor), limit + 1)
    page = found[:limit]
    cursor = page[-1].id if len(found) > limit else None
    return json({"tasks": [mapping.from_task(each) for each in page], "next_cursor": cursor})


@routes.post("/tasks/{task_id}/retry", scope="admin", answer=wire.Retried)
async def retry_task(call: _Call) -> Reply:
    """Try a task again that was set aside, as if it had never been tried."""
    stored = await call.services.tasks.retry(
        call.caller, call.once, lambda id_: pack(json({"id": id_})), task_id=call.path["task_id"]
    )
    return unpack(stored)


def _which(call: _Call) -> dict[str, str]:
    return {"subscription_id": call.path["webhook_id"], "delivery_id": call.path["delivery_id"]}


def _cursor(text: str | None) -> str:
    """An id, of the last entry of the page before."""
    if text is not None and not ids.looks_like_ours(text):
        raise bad_cursor("cursor")
    return text or ""
