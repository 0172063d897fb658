"""Call backs: whose they are, which questions they answer, and what a second one changes."""

import json
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.core.model import Order
from app.core.refusal import Code, Refusal
from app.service.work import Later
from tests.warehouse.asking import SECRET
from tests.warehouse.happy import CLIENT_SECRET, ORDER_ID, message, upstream
from tests.warehouse.house import House, house, summary
from tests.warehouse.service import answer, running

OTHER = "whsec_" + "A" * 32
REJECTED = "delivery_order/cancellation_rejected"


async def say(here: House, location: str, body: Any, *, id_: str = "msg-1", secret: str = SECRET) -> list[str]:
    raw = json.dumps(body).encode()
    at = here.world.watch.at
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, at, raw.decode()),
    }
    return await here.fulfilment.hear("t1", location, headers, raw)


async def refused(here: House, location: str, body: Any, **how: str) -> Code:
    with pytest.raises(Refusal) as no:
        await say(here, location, body, **how)
    return no.value.code


async def docked(here: House) -> Order:
    await here.location("dock", "http", url="http://127.0.0.1:9/", secret=SECRET)
    return await here.asked({"dock": 2}, kind="http")


async def test_it_answers_later(store):
    async with running(answer(202)) as service, house(store) as here:
        await here.location("dock", "http", url=service.url, secret=SECRET)
        order = await here.asked({"dock": 2}, kind="http")
        assert summary(await here.ask(order, "dock"))[0] == "pending"
        url = service.asked[0].json["callback_url"]
        assert url == "https://dragoman.example/api/callbacks/t1/dock"

        case_id = service.asked[0].json["request_id"]
        assert await say(here, "dock", {"request_id": case_id, "accepted": False, "message": "Packed"}) == [case_id]
        order = await here.world.order(order.id)
        assert summary(order) == ("rejected", "Packed", ["rejected"])
        assert (await here.events(order))[1] == ("rejected", "location:dock", "warehouse", "warehouse")


async def test_the_same_message_again_changes_nothing(store):
    async with house(store) as here:
        order = await docked(here)
        body = {"request_id": order.cases[0].id, "accepted": True}
        await say(here, "dock", body)
        order = await here.world.order(order.id)

        assert await say(here, "dock", body) == [order.cases[0].id]
        assert await say(here, "dock", {**body, "accepted": False}, id_="msg-2") == [order.cases[0].id]
        assert await here.world.order(order.id) == order
        assert here.meter.seen == [("http", "accepted"), ("http", "ignored")]


async def test_a_late_copy_of_an_old_refusal_does_not_answer_the_next_question(store):
    """What the upstream sends again after a fault on its side has the message id that it had before."""
    async with upstream() as there, house(store) as here:
        await here.location("dock", "happycolis", **there.settings)
        order = await here.asked({"dock": 3}, kind="happycolis", number="1001")
        with pytest.raises(Later):
            await here.ask(order, "dock")
        told = message(REJECTED, {"id": "do-1", "orderIds": [ORDER_ID]}, id_="m-1")
        await happen(here, *told)
        await here.cancel(order)
        await happen(here, *told)

        assert [case.state.value for case in (await here.world.order(order.id)).cases] == ["rejected", "pending"]


async def test_who_is_not_that_location_is_not_heard(store):
    async with house(store) as here:
        order = await docked(here)
        await here.location("pier", "http", url="http://127.0.0.1:9/", secret=OTHER)
        body = {"request_id": order.cases[0].id, "accepted": True}

        assert await refused(here, "dock", body, secret=OTHER) is Code.UNAUTHENTICATED
        assert await refused(here, "pier", body, secret=OTHER) is Code.LOCATION_NOT_FOUND
        assert await refused(here, "nowhere", body) is Code.LOCATION_NOT_FOUND
        with pytest.raises(Refusal):
            await here.fulfilment.hear("t2", "dock", {}, b"{}")
        assert await here.world.order(order.id) == order


@pytest.mark.parametrize("kind", ["manual", "simulator", None])
async def test_where_nobody_calls_back(store, kind):
    async with house(store) as here:
        await here.location("dock", kind)
        assert await refused(here, "dock", {}) is Code.LOCATION_NOT_FOUND


async def test_a_request_that_is_not_there(store):
    async with house(store) as here:
        order = await docked(here)
        unknown = {"request_id": order.lines[0].id, "accepted": True}
        assert await refused(here, "dock", unknown) is Code.CASE_NOT_FOUND
        assert await refused(here, "dock", {**unknown, "request_id": "r"}) is Code.CASE_NOT_FOUND


async def happen(here: House, raw: bytes, signature: str) -> list[str]:
    return await here.fulfilment.hear("t1", "dock", {"x-happycolis-webhook-signature": signature}, raw)


async def forwarded(here: House, settings: dict[str, Any], **more: Any) -> Order:
    await here.location("dock", "happycolis", **settings)
    order = await here.asked({"dock": 3}, kind="happycolis", number="1001", **more)
    with pytest.raises(Later):
        await here.ask(order, "dock")
    return await here.world.order(order.id)


async def test_happycolis_refuses(store):
    async with upstream() as there, house(store) as here:
        order = await forwarded(here, there.settings)
        assert [e[0] for e in await here.events(order)] == ["requested", "matched", "forwarded"]
        events = [{"type": "WARNING", "level": "WARNING", "message": "Already packed", "date": "2024-03-15"}]
        told = message(REJECTED, {"id": "do-1", "orderIds": [ORDER_ID], "events": events})

        assert await happen(here, *told) == [order.cases[0].id]
        order = await here.world.order(order.id)
        assert summary(order)[:2] == ("rejected", "Already packed")
        assert (await here.events(order))[-1] == ("rejected", "location:dock", "warehouse", "warehouse")


async def test_happycolis_agrees(store):
    async with upstream() as there, house(store) as here:
        order = await forwarded(here, there.settings, free=1)
        part = [{"id": "1", "status": "CANCELED", "quantity": 1}]
        whole = [{"id": "1", "status": "CANCELED", "quantity": 3}]
        body = {"id": "do-1", "orderIds": [ORDER_ID]}
        assert await happen(here, *message("delivery_order/cancelled", {**body, "lines": part}, id_="m-1")) == []
        told = message("delivery_order/cancelled", {**body, "lines": whole}, id_="m-2")
        assert await happen(here, *told) == [order.cases[0].id]

        order = await here.world.order(order.id)
        assert summary(order)[0] == "accepted"
        assert await happen(here, *message("order/cancelled", {"id": ORDER_ID}, id_="m-3")) == []
        assert await here.world.order(order.id) == order


async def test_a_message_may_come_before_the_answer_to_the_question(store):
    """The order's key is written before the upstream is asked to cancel."""
    async with upstream() as there, house(store) as here:
        await here.location("dock", "happycolis", **there.settings)
        order = await here.asked({"dock": 3}, kind="happycolis", number="1001")
        told = message(REJECTED, {"id": "do-1", "orderIds": [ORDER_ID]})
        heard: list[list[str]] = []

        async def slowly(asked: Any) -> bytes:
            if "orderCancel" in asked.json.get("query", ""):
                heard.append(await happen(here, *told))
            return there.serve(asked)

        async with running(lambda a: there.serve(a) if a.path == "/token" else slowly(a)) as between:
            await here.location("dock", "happycolis", **{**there.settings, "url": f"{between.url}/graphql"})
            with pytest.raises(Later):
                await here.ask(order, "dock")

        assert heard == [[order.cases[0].id]]
        assert summary(await here.world.order(order.id))[0] == "rejected"


async def test_messages_about_orders_of_others_are_taken_and_do_nothing(store):
    async with upstream() as there, house(store) as here:
        order = await forwarded(here, there.settings)
        assert await happen(here, *message("order/cancelled", {"id": "other", "externalReference": "1001"})) == []
        assert await happen(here, *message(REJECTED, {"id": "do", "orderIds": []}, id_="m-2")) == []
        assert await here.world.order(order.id) == order


async def test_what_was_learned_stays_unless_somebody_changed_the_location(store):
    async with upstream() as there, house(store) as here:
        order = await forwarded(here, there.settings)
        assert set((await here.settings("dock"))["webhooks"]) == {
            "order/cancelled",
            "delivery_order/cancelled",
            REJECTED,
        }
        assert len(there.webhooks) == 3
        with pytest.raises(Later):
            await here.ask(order, "dock")
        assert len(there.webhooks) == 3

        asked_of = await store.location("t1", "dock")
        await here.location("dock", "happycolis", **there.settings)
        await here.fulfilment.learn(asked_of, {"webhooks": {"x": "y"}})
        assert "webhooks" not in await here.settings("dock")
    assert CLIENT_SECRET not in asked_of.settings
