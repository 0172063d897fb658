"""Shipments arrive, turn out never to have left, or change their tracking; and what is done with is put away."""

from dataclasses import replace
from typing import Any

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn, Archive, EditFulfillment, GiveBack, MoveFulfillment
from app.core.messages import EditOrder, Fulfil
from app.core.model import Address, Fulfillment, FulfillmentState, OrderState, Payment, PaymentStatus, Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, Story, counts, event_of, lines, placed, rest, take, unit, whole

DELIVERED, VOID, SHIPPED = FulfillmentState.DELIVERED, FulfillmentState.VOID, FulfillmentState.SHIPPED
PAID = Payment(status=PaymentStatus.PAID)


def parcel(story: Story, index: int = -1) -> Fulfillment:
    return story.ledger.order.fulfillments[index]


def to(state: FulfillmentState, story: Story, index: int = -1) -> MoveFulfillment:
    return MoveFulfillment(fulfillment_id=parcel(story, index).id, state=state)


def edit(story: Story, index: int = -1, **fields: Any) -> EditFulfillment:
    return EditFulfillment(fulfillment_id=parcel(story, index).id, **fields)


def test_it_arrives_once():
    story = Story(placed(2)).ship(L1, 1)

    change = story.do(to(DELIVERED, story))

    at = story.ledger.order.updated_at
    assert (parcel(story).state, parcel(story).delivered_at, parcel(story).updated_at) == (DELIVERED, at, at)
    assert (event_of(change).type, counts(story.ledger)) == ("fulfillment.delivered", (1, 0, 0, 1, 0))
    for state in FulfillmentState:
        assert story.refuses(to(state, story)) == (Code.FULFILLMENT_FINAL, {"state": "delivered"})


def test_one_that_never_left_opens_its_units_and_the_order():
    story = Story(placed(3, 1)).hold(HAMBURG, take(L1)).ship(L1, 2).ship()
    assert story.ledger.order.state is OrderState.COMPLETED

    change = story.do(to(VOID, story, 0))

    assert (event_of(change).type, story.ledger.order.state) == ("fulfillment.voided", OrderState.OPEN)
    assert [counts(story.ledger, line) for line in (L1, L2)] == [(2, 0, 0, 1, 0), (0, 0, 0, 1, 0)]
    assert (parcel(story, 0).state, parcel(story, 0).delivered_at) == (VOID, None)
    assert story.refuses(to(DELIVERED, story, 0)) == (Code.FULFILLMENT_FINAL, {"state": "void"})
    assert story.refuses(edit(story, 0, carrier="x")) == (Code.FULFILLMENT_FINAL, {"state": "void"})
    story.then(Fulfil())
    assert (parcel(story).items[0].units, story.ledger.order.state) == (u.of([1, 2]), OrderState.COMPLETED)


def test_units_of_one_that_never_left_are_cancelled_like_any_other():
    story = Story(placed(2)).ship()

    story.then(to(VOID, story)).then(whole())

    assert (counts(story.ledger), story.ledger.cancelled) == ((0, 0, 2, 0, 0), True)


@pytest.mark.parametrize("until", [Step.ANNOUNCED, Step.FINISHED])
def test_what_comes_back_did_leave(until: Step):
    story = Story(placed(2, 1)).ship(L1).ship(L2)
    story.then(AnnounceReturn(targets=(unit(L1, 2),), until=until))

    assert story.refuses(to(VOID, story, 0)) == (Code.ALREADY_RETURNED, {"field": None})
    assert counts(story.then(to(VOID, story, 1)).ledger, L2) == (1, 0, 0, 0, 0)
    story.then(to(DELIVERED, story, 0))


def test_what_is_no_shipment():
    story = Story(placed(2)).ship()

    assert story.refuses(MoveFulfillment(fulfillment_id=L1, state=VOID)) == (Code.FULFILLMENT_NOT_FOUND, {})
    assert story.refuses(EditFulfillment(fulfillment_id="nope")) == (Code.FULFILLMENT_NOT_FOUND, {})
    assert story.refuses(to(SHIPPED, story)) == (Code.FULFILLMENT_FINAL, {"state": "shipped"})


def test_tracking_is_told_anew_part_by_part():
    story = Story(placed(2)).then(Fulfil(carrier="A", tracking_code="1", tracking_urls=("https://a.example/1",)))

    change = story.do(edit(story, tracking_code="2", tracking_urls=()))

    assert event_of(change).type == "fulfillment.updated"
    assert (parcel(story).carrier, parcel(story).tracking_code, parcel(story).tracking_urls) == ("A", "2", ())
    assert parcel(story).updated_at == story.ledger.order.updated_at > parcel(story).created_at
    assert story.do(edit(story, carrier="A", tracking_code="2")).event is None
    assert story.do(edit(story)).event is None
    story.then(to(DELIVERED, story)).then(edit(story, carrier="B"))
    assert (parcel(story).carrier, parcel(story).state) == ("B", DELIVERED)


def done() -> Story:
    return Story(placed(2, payment=PAID), dialect="afosto").ship(L1, 1).then(rest())


def test_put_away_and_taken_out_again():
    story = done()

    change = story.do(Archive())
    assert (event_of(change).type, story.ledger.order.archived_at) == ("order.archived", story.ledger.order.updated_at)
    assert story.ledger.order.state is OrderState.COMPLETED
    assert story.refuses(Archive()) == (Code.ARCHIVED, {})
    change = story.do(Archive(archived=False))

    assert (event_of(change).type, story.ledger.order.archived_at) == ("order.unarchived", None)
    assert story.refuses(Archive(archived=False)) == (Code.NOT_ARCHIVED, {})


@pytest.mark.parametrize(
    "story",
    [
        lambda: Story(placed(2)),
        lambda: Story(placed(2, draft=True)),
        lambda: Story(placed(2)).ship(L1, 1),
        lambda: Story(placed(2)).then(rest()),
        lambda: Story(placed(2)).ship(L1, 1).then(whole(keep_shipped=True)),
        lambda: Story(placed(2)).ship(L1, 1).then(lines(take(L1), stepwise=True)),
        lambda: done().send_back(unit(L1, 1)),
        lambda: walked(Step.APPROVED),
    ],
    ids=[
        "open", "draft", "partly shipped", "cancelled", "cancelled, part shipped", "waits for approval",
        "on its way back", "not finished",
    ],
)  # fmt: skip
def test_only_what_is_completed_is_put_away(story: Any):
    assert story().refuses(Archive()) == (Code.NOT_COMPLETED, {})


def walked(*steps: Step) -> Story:
    """One unit is shipped, the other's cancellation walks."""
    story = Story(placed(2), dialect="afosto").ship(L1, 1).then(lines(unit(L1, 2, "c"), stepwise=True))
    for step in steps:
        story.walk(step, "c")
    return story


def test_finished_steps_are_no_obstacle():
    assert walked(Step.APPROVED, Step.FINISHED).then(Archive()).ledger.order.archived_at is not None


def test_what_is_put_away_is_left_alone_until_something_comes_back():
    story = done().then(Archive())
    for command in (GiveBack(), to(DELIVERED, story), to(VOID, story), edit(story, carrier="x")):
        assert story.refuses(command) == (Code.ARCHIVED, {})
    edited = story.do(EditOrder(note="for the books"))
    assert edited.ledger.order.archived_at is not None

    begun = story.do(AnnounceReturn(targets=(unit(L1, 1, "r"),)))

    assert begun.ledger.order.archived_at is None
    for step in (Step.RECEIVED, Step.APPROVED, Step.FINISHED):
        assert story.refuses(Archive()) == (Code.NOT_COMPLETED, {})
        story.walk(step, "r")
    assert story.then(Archive()).ledger.order.archived_at is not None


def test_a_return_that_is_over_at_once_leaves_it_where_it_is():
    story = done().then(Archive())

    story.then(AnnounceReturn(targets=(unit(L1, 1),), until=Step.FINISHED))

    assert story.ledger.order.archived_at is not None


def test_an_edit_may_expect_what_is_there_and_that_all_is_shipped():
    story = Story(placed(1), dialect="convictional")
    bill = EditOrder(extras={"billed": True}, expected={"billed": None}, shipped=True)

    assert story.refuses(bill) == (Code.NOT_SHIPPED, {"field": None})
    story.ship()
    assert story.refuses(replace(bill, expected={"billed": False}))[1]["field"] == "billed"
    story.do(bill)
    assert story.refuses(bill)[0] is Code.INVALID
    assert story.refuses(bill)[1]["field"] == "billed"
    story.do(replace(bill, extras={"billed": False}, expected={"billed": True}))
    assert story.ledger.order.extras == {"convictional": {"billed": False}}


def test_extras_are_those_of_the_asking_dialect():
    story = Story(placed(1)).then(EditOrder(extras={"x": 1}), "convictional")

    story.do(EditOrder(extras={"x": 2}, expected={"x": None}), "afosto")

    assert story.ledger.order.extras == {"convictional": {"x": 1}, "afosto": {"x": 2}}


def test_an_edit_that_says_nothing_new_changes_nothing():
    story = Story(placed(1)).then(EditOrder(note="n", tags=("a",), shipping_address=Address(city="Utrecht")))

    for command in (EditOrder(), EditOrder(note="n", tags=("a",), extras={}), EditOrder(expected={"x": None})):
        assert story.do(command).event is None
    assert event_of(story.do(EditOrder(tags=()))).type == "order.updated"
