"""The connector `happycolis` and an upstream that speaks HappyColis' API: asked once, answered, polled, told."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.service.connectors import Unanswered, Word
from app.service.work import Hopeless, Later
from app.warehouse.client import Client
from app.warehouse.graph import Graph
from app.warehouse.happycolis import HappyColis
from app.warehouse.settings import callback_urls
from tests.core.building import HAMBURG, L1, Story, lines, placed, take, whole
from tests.warehouse.asking import TENANT, Asking, asked
from tests.warehouse.happy import ORDER_ID, Upstream, upstream

KEYED = {"happycolis": ORDER_ID}
THEIRS = f"location:{HAMBURG}"


class World:
    """A connector that goes on from one call to the next, as in one process."""

    def __init__(self, public: str = "", story: Story | None = None) -> None:
        self.now = 1000.0
        self.client = Client(allow_private=True)
        self.connector = HappyColis(Graph(self.client, lambda: self.now), callback_urls(public))
        self.story = story or asked(3, number="1001", keys=KEYED)
        self.asking = Asking(self.story, {})

    async def __aenter__(self) -> "World":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def ask(self, there: Upstream, **settings: Any) -> Sequence[Word]:
        self.asking.settings = {**there.settings, **settings}
        return await self.connector.ask(self.asking.question())

    def noted(self) -> list[tuple[str | None, str | None]]:
        return self.asking.noted.forwards

    async def waits(self, there: Upstream, *, age: float = 0) -> float:
        """Seconds until it wants to look again."""
        self.asking.later = timedelta(seconds=age)
        with pytest.raises(Later) as later:
            await self.ask(there)
        assert later.value.seconds is not None
        return later.value.seconds


async def test_pending_then_agreed():
    async with upstream() as there, World() as world:
        await world.waits(there)
        assert there.calls == ["token", "order", "orderCancel"]
        assert world.noted() == [(ORDER_ID, None), (None, "req-1")]

        await world.waits(there)
        assert there.calls[3:] == ["order", "dispatchableRequest"]

        there.settle("ACCEPTED", "Done")
        assert await world.ask(there) == [Word(True, "Done")]
        assert there.calls.count("orderCancel") == 1


async def test_pending_then_refused_with_the_warehouse_s_words():
    async with upstream() as there, World() as world:
        await world.waits(there)
        there.settle("REJECTED", "Already packed")

        assert await world.ask(there) == [Word(False, "Already packed")]


@pytest.mark.parametrize(
    ("state", "word"),
    [("ACCEPTED", Word(True, "Cancelled")), ("REJECTED", Word(False, "Cancelled"))],
)
async def test_an_answer_in_band(state, word):
    async with upstream(decides=state, message="Cancelled") as there, World() as world:
        assert await world.ask(there) == [word]
        assert world.noted() == [(ORDER_ID, None)]


async def test_accepted_may_only_mean_that_the_request_was():
    """Contract 3.3."""
    async with upstream() as there, World() as world:
        await world.waits(there)
        next(iter(there.requests.values()))["state"] = "ACCEPTED"

        await world.waits(there)
        there.cancel_all()
        assert (await world.ask(there))[0].accepted


async def test_a_state_that_nobody_has_described_is_no_answer():
    async with upstream(decides="FORWARDED") as there, World() as world:
        await world.waits(there)


async def test_the_order_is_found_by_our_number():
    async with upstream() as there, World(story=asked(3, number="1001")) as world:
        await world.waits(there)
        assert world.story.ledger.order.keys == {THEIRS: ORDER_ID}

        await world.waits(there)
        assert there.calls == ["token", "order", "orderCancel", "order", "dispatchableRequest"]


async def test_a_key_of_ours_that_the_upstream_does_not_know_falls_back_on_the_number():
    async with upstream() as there, World(story=asked(3, number="1001", keys={"happycolis": "other"})) as world:
        await world.waits(there)
    assert world.story.ledger.order.keys[THEIRS] == ORDER_ID


async def test_an_order_that_is_not_there_is_no_answer_and_no_fault_of_the_location():
    async with upstream(number="other") as there, World(story=asked(3, number="1001")) as world:
        with pytest.raises(Unanswered) as failed:
            await world.ask(there)
    assert failed.value.alive
    assert "orderCancel" not in there.calls


async def test_nothing_to_find_the_order_by():
    async with upstream() as there, World(story=asked(3, number="1001")) as world:
        with pytest.raises(Hopeless):
            await world.ask(there, tp_app_id=None)


@pytest.mark.parametrize(
    ("story", "left"),
    [
        (Story(placed(5, keys=KEYED)).hold(HAMBURG).then(lines(take(L1, 2))), 3),
        (
            Story(placed(5, keys=KEYED))
            .hold(HAMBURG, take(L1, 2))
            .hold(HAMBURG, take(L1, 3))
            .then(lines(take(L1, units=((1, 2),)))),
            3,
        ),
    ],
    ids=["part of a line", "one of two allocations"],
)
async def test_less_than_the_whole_is_refused_without_asking(story, left):
    async with upstream() as there, World(story=story) as world:
        (word,) = await world.ask(there)
    assert word == Word(False, f"This warehouse cancels whole orders only, and {left} more of its units would stay")
    assert there.calls == []


@pytest.mark.parametrize(
    "story",
    [
        Story(placed(5, keys=KEYED)).hold(HAMBURG, take(L1, 2)).then(whole()),
        Story(placed(5, keys=KEYED)).hold(HAMBURG).ship(L1, 2).then(lines(take(L1))),
    ],
    ids=["what others have does not count", "nor what was shipped"],
)
async def test_all_that_it_holds_is_the_whole(story):
    async with upstream() as there, World(story=story) as world:
        await world.waits(there)
    assert there.calls.count("orderCancel") == 1


async def test_a_crash_after_asking_asks_again_under_the_same_key():
    async with upstream() as there:
        for _ in range(2):
            async with World() as world:
                await world.waits(there)
    case_id = world.story.ledger.order.cases[0].id
    assert [key for key in there.keys if key] == [f"{case_id}:{HAMBURG}"] * 2


async def test_an_order_that_is_cancelled_there_already_is_not_cancelled_again():
    async with upstream(state="COMPLETED", statuses=["CANCELED", "CANCELED"]) as there, World() as world:
        assert await world.ask(there) == [Word(True)]
    assert "orderCancel" not in there.calls


@pytest.mark.parametrize("statuses", [["FULFILLED"], ["DELIVERED", "FULFILLED"]])
async def test_an_order_that_was_shipped_there_cannot_go(statuses):
    async with upstream(state="COMPLETED", statuses=statuses) as there, World() as world:
        (word,) = await world.ask(there)
    assert not word.accepted


@pytest.mark.parametrize(("statuses", "accepted"), [(["CANCELED", "CANCELED"], True), (["FULFILLED"], False)])
async def test_an_upstream_without_a_query_for_requests_is_read_from_its_order(statuses, accepted):
    async with upstream(knows_requests=False) as there, World() as world:
        await world.waits(there)
        await world.waits(there)
        await world.waits(there)
        assert there.calls.count("dispatchableRequest") == 1

        there.state, there.statuses = "COMPLETED", statuses
        assert [word.accepted for word in await world.ask(there)] == [accepted]


async def test_it_looks_ever_more_seldom():
    async with upstream() as there, World() as world:
        waits = [await world.waits(there, age=age) for age in (0, 60, 3600, 1_000_000)]

    for wait, about in zip(waits, [1, 30, 1800, 3600], strict=True):
        assert 0.9 * about <= wait <= 1.1 * about


async def test_a_token_serves_until_shortly_before_its_end():
    async with upstream() as there, World() as world:
        await world.waits(there)
        world.now += 3500
        await world.waits(there)
        assert there.calls.count("token") == 1
        world.now += 60
        await world.waits(there)
        assert there.calls.count("token") == 2


async def test_a_token_that_is_no_longer_taken_is_asked_for_anew_once():
    async with upstream() as there, World() as world:
        await world.waits(there)
        there.revoked.add("token-0")
        await world.waits(there)
        assert there.tokens == ["token-0", "token-1"]

        there.revoked = {"token-1", "token-2"}
        with pytest.raises(Unanswered, match="UNAUTHORIZED"):
            await world.ask(there)
        assert len(there.tokens) == 3


async def test_an_integration_token_needs_no_asking():
    async with upstream() as there, World() as world:
        there.tokens.append("integration")
        with pytest.raises(Later):
            await world.ask(there, client_id=None, client_secret=None, integration_token="integration")
        assert "token" not in there.calls

        there.revoked.add("integration")
        with pytest.raises(Unanswered):
            await world.ask(there, client_id=None, client_secret=None, integration_token="integration")


async def test_wrong_credentials():
    async with upstream() as there, World() as world:
        with pytest.raises(Unanswered, match="no token: status 401"):
            await world.ask(there, client_secret="wrong")


async def test_webhooks_are_ordered_once():
    async with upstream() as there, World("https://dragoman.example") as world:
        await world.waits(there)
        await world.waits(there)
        url = f"https://dragoman.example/api/callbacks/{TENANT}/{HAMBURG}"
        assert there.webhooks == [
            ("order/cancelled", url),
            ("delivery_order/cancelled", url),
            ("delivery_order/cancellation_rejected", url),
        ]
        assert world.asking.noted.facts == {
            "webhooks": {
                "order/cancelled": "hook-1",
                "delivery_order/cancelled": "hook-2",
                "delivery_order/cancellation_rejected": "hook-3",
            }
        }


async def test_without_webhooks_it_is_asked_all_the_same_and_does_not_insist():
    async with upstream(takes_webhooks=False) as there, World("https://dragoman.example") as world:
        await world.waits(there)
        await world.waits(there, age=60)
        assert there.calls.count("integrationWebhookCreate") == 1
        there.takes_webhooks = True
        await world.waits(there, age=700)
        assert len(there.webhooks) == 3


@pytest.mark.parametrize(
    "settings", [{"register_webhooks": False}, {"client_secret": None}], ids=["unwanted", "unsigned"]
)
async def test_webhooks_that_are_not_wanted_or_could_not_be_verified_are_not_ordered(settings):
    async with upstream() as there, World("https://dragoman.example") as world:
        there.tokens.append("integration")
        with pytest.raises(Later):
            await world.ask(there, integration_token="integration", **settings)
    assert there.webhooks == []
