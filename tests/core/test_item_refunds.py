"""Refunds of items of a chain, each for a reason of its own; the ids of items; what guards an edit."""

from typing import Any

import pytest

from app.core.aftersales import GiveBack, StepTarget, TakeStep
from app.core.messages import EditOrder, Target
from app.core.model import Payment, PaymentStatus, Reason, RefundedUnits, Step
from app.core.refusal import Code
from app.core.shares import Share, shares
from tests.core.building import HAMBURG, L1, L2, LYON, Story, counts, event_of, go, lines, placed, take

PAID = Payment(status=PaymentStatus.PAID)
DAMAGED, LOST = Reason(text="damaged"), Reason(text="lost")


def story(*quantities: int) -> Story:
    return Story(placed(*quantities, payment=PAID), dialect="convictional")


def item(ref: str, quantity: int | None = None, **fields: Any) -> Target:
    return Target(ref=ref, quantity=quantity, chained=True, field="items.0", **fields)


def split() -> tuple[Story, str]:
    """Of five units two stay, as an item of that id."""
    told = story(5, 1).then(lines(item(L1, 3)))
    return told, told.ledger.acceptances(L1)[0].id


def test_a_cancelled_item_means_the_units_that_it_was_cancelled_with():
    told, left = split()

    assert told.refuses(GiveBack(targets=(item(L1, 4),)))[0] is Code.QUANTITY_OUT_OF_RANGE
    told.do(GiveBack(targets=(item(L1, 2), item(left, 2))))

    [refund] = told.ledger.order.refunds
    assert (refund.amount, refund.items) == (4000, (RefundedUnits(L1, ((1, 2), (4, 5))),))
    assert told.refuses(GiveBack(targets=(item(left, 1),))) == (
        Code.QUANTITY_OUT_OF_RANGE,
        {"field": "items.0", "minimum": 1, "maximum": 0},
    )


def test_what_stands_is_cancelled_along_for_its_own_reason():
    told, left = split()
    change = told.do(
        GiveBack(targets=(item(left, 1, reason=DAMAGED), item(L2, 1, reason=LOST), item(L1, 1)), cancel=True)
    )

    assert (counts(told.ledger), counts(told.ledger, L2)) == ((1, 0, 4, 0, 0), (0, 0, 1, 0, 0))
    assert [link.reason.shown for link in told.ledger.acceptances(L1)] == [None, "damaged"]
    assert [link.reason.shown for link in told.ledger.acceptances(L2)] == ["lost"]
    assert event_of(change).type == "order.refunded"
    items = told.ledger.order.refunds[0].items
    assert [(held.line_id, held.reason) for held in items] == [(L1, DAMAGED), (L2, LOST), (L1, None)]


def test_units_of_one_line_for_two_reasons_are_worth_what_they_are_together():
    told = story(4)
    told.do(GiveBack(targets=(item(L1, 1, reason=DAMAGED), item(L1, 2, reason=LOST))))

    [refund] = told.ledger.order.refunds
    assert (refund.amount, [(held.units, held.reason) for held in refund.items]) == (
        3000,
        [(((4, 4),), DAMAGED), (((2, 3),), LOST)],
    )
    assert shares(told.ledger.order, refund) == {L1: Share(units=3, amount=3000, tax=0, discount=0)}
    told.do(GiveBack(targets=(item(L1),)))
    assert told.ledger.order.payment == Payment(status=PaymentStatus.REFUNDED, amount=4000)


def test_units_that_wait_for_approval_are_refunded_last_and_stay_pending():
    told = story(3).then(lines(take(L1, 2), stepwise=True))
    told.do(GiveBack(targets=(item(L1, 2),), cancel=True))

    assert counts(told.ledger) == (0, 2, 1, 0, 0)
    assert told.ledger.order.refunds[0].items == (RefundedUnits(L1, ((1, 1), (3, 3))),)


def test_an_adjustment_that_left_nothing_or_is_none_is_no_item():
    told = story(2).then(lines(item(L1, 1)))
    last = told.ledger.acceptances(L1)[0].id
    told.then(lines(item(last)))
    gone = told.ledger.acceptances(L1)[1].id

    for ref in (gone, "nope", told.ledger.order.cases[0].id):
        assert told.refuses(GiveBack(targets=(item(ref),))) == (Code.LINE_NOT_FOUND, {"field": "items.0"})
    told.do(GiveBack(targets=(item(L1), item(last))))
    assert told.ledger.order.payment.status is PaymentStatus.REFUNDED


def test_the_id_of_an_item_outlives_the_steps_of_those_that_made_it():
    told = Story(placed(4)).hold(HAMBURG, take(L1, 1)).hold(LYON, take(L1, 1), connector=None)
    told.then(lines(take(L1, 3), stepwise=True))
    told.answer(True)
    pending = [a.id for a in told.ledger.order.adjustments]
    told.do(go(Step.APPROVED, *pending))
    [made] = told.ledger.acceptances(L1)
    for n, adjustment in enumerate(reversed(pending)):
        told.do(go(Step.RESTOCKED, adjustment, location="loc-shop"))
        assert [(link.id, link.units) for link in told.ledger.acceptances(L1)] == [(made.id, made.units)], n


def test_the_id_of_an_item_outlives_units_that_part():
    told = Story(placed(5)).then(lines(take(L1, 4), stepwise=True))
    [whole] = told.ledger.order.adjustments
    told.do(go(Step.APPROVED, f"{whole.id}.2", f"{whole.id}.3", f"{whole.id}.4"))
    [made] = told.ledger.acceptances(L1)
    for number in (2, 4, 3):
        told.do(go(Step.FINISHED, f"{whole.id}.{number}"))
        assert [(link.id, link.units, link.version) for link in told.ledger.acceptances(L1)] == [
            (made.id, ((2, 4),), made.version)
        ]


def test_the_id_of_an_item_outlives_units_that_go_to_two_places_at_once():
    told = Story(placed(3)).then(lines(take(L1, 2), stepwise=True))
    told.step(Step.APPROVED)
    [made] = told.ledger.acceptances(L1)
    places = {f"{made.id}.2": HAMBURG, f"{made.id}.3": LYON}
    targets = tuple(StepTarget(ref=ref, location_id=place) for ref, place in places.items())
    told.do(TakeStep(step=Step.RESTOCKED, targets=targets))

    assert len(told.ledger.order.adjustments) == 2
    assert [(link.id, link.units) for link in told.ledger.acceptances(L1)] == [(made.id, ((2, 3),))]


def billing(value: str | None, **fields: Any) -> EditOrder:
    return EditOrder(extras={"billing": value}, **fields)


def test_an_edit_says_what_it_found_instead():
    told = story(1).then(billing("outside", expected={"billing": None}))

    assert told.refuses(billing("invoice", expected={"billing": None})) == (
        Code.INVALID,
        {"field": "billing", "problem": "is not as it would have to be", "found": "outside"},
    )
    assert "found" not in told.refuses(billing(None, expected={"billing": "outside"}), "shopline")[1]


def test_an_edit_only_while_no_money_went_back():
    told = story(2).then(billing(None, unrefunded=True)).then(GiveBack(targets=(item(L1, 1),)))

    assert told.refuses(billing("outside", unrefunded=True))[0] is Code.INVALID
    came = Story(placed(1, payment=Payment(status=PaymentStatus.REFUNDED)))
    assert came.refuses(billing("outside", unrefunded=True))[0] is Code.INVALID


@pytest.mark.parametrize(("read", "refused"), [(1, True), (2, False), (3, True)])
def test_an_edit_of_what_was_read(read, refused):
    told = story(1).then(EditOrder(note="x"))
    edit = EditOrder(note="y", version=read)

    if refused:
        assert told.refuses(edit) == (Code.BUSY, {})
    else:
        assert told.then(edit).ledger.order.note == "y"


def test_never_more_than_came_in():
    told = Story(placed(3, payment=Payment(status=PaymentStatus.PAID, amount=2500)), dialect="convictional")

    assert told.refuses(GiveBack(targets=(item(L1, 3),))) == (
        Code.AMOUNT_OUT_OF_RANGE,
        {"field": "items.0", "minimum": 1, "maximum": 2500, "currency": "EUR"},
    )
    told.do(GiveBack(targets=(item(L1, 2),)))
    assert told.refuses(GiveBack(targets=(item(L1, 1),)))[0] is Code.AMOUNT_OUT_OF_RANGE
