"""Fees are credited with what is cancelled or comes back: partly or all of it, never more than they were."""

from typing import Any

import pytest

from app.core import ids, money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, CreditFees, NewCredit, StepTarget
from app.core.commands import ReviseDraft
from app.core.messages import NewFee
from app.core.model import FeeKind, Step
from app.core.refusal import Code
from tests.core.building import L1, ORDER, SHOP, Story, event_of, lines, placed, unit

FEES = (NewFee(kind=FeeKind.SHIPPING, title="Post", amount=595), NewFee(kind=FeeKind.PAYMENT, amount=50))

FIRST_FEE = ids.child(ORDER, 2)
"""Of an order of one line."""


def walking(*until: Step, **fields: Any) -> Story:
    """Units 1 and 2 are cancelled together, as c1 and c2."""
    story = Story(placed(4, fees=FEES, **fields), dialect="afosto")
    story.then(lines(unit(L1, 1, "c1"), unit(L1, 2, "c2"), stepwise=True))
    for step in until:
        story.walk(step, "c1", "c2", location=SHOP)
    return story


def post(story: Story) -> str:
    return story.ledger.order.fees[0].id


def credit(*credits_: tuple[str, int | None], names: tuple[str, ...] = ("c1",)) -> CreditFees:
    return CreditFees(
        targets=tuple(StepTarget(ref=name, field=f"item_ids.{n}") for n, name in enumerate(names)),
        credits=tuple(NewCredit(fee_id=id_, amount=n, field=f"fees.{i}") for i, (id_, n) in enumerate(credits_)),
    )


def left(story: Story) -> list[int]:
    return [money.fee_left(story.ledger.order, fee) for fee in story.ledger.order.fees]


def out_of(most: int, place: int = 0) -> tuple[Code, dict[str, Any]]:
    return Code.AMOUNT_OUT_OF_RANGE, {"field": f"fees.{place}", "minimum": 1, "maximum": most, "currency": "EUR"}


def test_partly_then_the_rest_and_nothing_more():
    story = walking(Step.APPROVED)
    due = money.order_due(story.ledger.order)

    change = story.do(credit((post(story), 200)))
    assert (event_of(change).type, left(story)) == ("fees.credited", [395, 50])
    assert story.refuses(credit((post(story), 396))) == out_of(395)
    story.do(credit((post(story), None), names=("c2", "c1")))

    assert (left(story), money.order_due(story.ledger.order)) == ([0, 50], due - 595)
    for amount in (1, None, 0, -5):
        assert story.refuses(credit((post(story), amount))) == out_of(0)
    assert [entry.amount for entry in story.ledger.order.fee_credits] == [200, 395]


def test_an_amount_counts_once_however_many_items_it_comes_with():
    story = walking(Step.APPROVED)

    story.do(credit((post(story), 300), names=("c1", "c2")))

    assert left(story) == [295, 50]
    (entry,) = story.ledger.order.fee_credits
    assert [(item.origin, item.units) for item in entry.items] == [(story.ledger.order.adjustments[0].id, u.of([1, 2]))]


def test_one_fee_twice_in_a_call_is_one_sum():
    story = walking(Step.APPROVED)
    id_ = post(story)

    assert story.refuses(credit((id_, 300), (id_, 296))) == out_of(295, 1)
    story.do(credit((id_, 300), (id_, 295), (story.ledger.order.fees[1].id, None)))
    assert left(story) == [0, 0]


@pytest.mark.parametrize("amount", [0, -1, 596])
def test_amounts_that_are_none(amount: int):
    story = walking(Step.APPROVED)

    assert story.refuses(credit((post(story), amount))) == out_of(595)


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ((), False),
        ((Step.APPROVED,), True),
        ((Step.APPROVED, Step.RESTOCKED), True),
        ((Step.APPROVED, Step.FINISHED), False),
    ],
)
def test_only_between_the_approval_and_the_end(steps: tuple[Step, ...], *, allowed: bool):
    story = walking(*steps)

    if allowed:
        assert left(story.then(credit((post(story), 1), names=("c1", "c2")))) == [594, 50]
    else:
        assert story.refuses(credit((post(story), 1))) == (
            Code.STEP_NOT_ALLOWED,
            {"step": "credit_fees", "at": steps[-1] if steps else "awaiting_approval", "field": "item_ids.0"},
        )


def test_one_item_that_stands_elsewhere_refuses_the_call():
    story = walking(Step.APPROVED)
    story.walk(Step.FINISHED, "c2")

    assert story.refuses(credit((post(story), 1), names=("c1", "c2"))) == (
        Code.STEP_NOT_ALLOWED,
        {"step": "credit_fees", "at": "finished", "field": "item_ids.1"},
    )


def test_what_is_no_fee_or_no_item():
    story = walking(Step.APPROVED).then(credit((FIRST_FEE, 10)))
    entry = story.ledger.order.fee_credits[0].id
    fee = post(story)

    assert story.refuses(credit(("nope", 1))) == (Code.FEE_NOT_FOUND, {"field": "fees.0"})
    assert story.refuses(credit((fee, 1), (L1, 1))) == (Code.FEE_NOT_FOUND, {"field": "fees.1"})
    assert story.refuses(credit((entry, 1))) == (Code.INVALID, {"field": "fees.0", "problem": "is a credit, not a fee"})
    assert story.refuses(credit()) == (Code.INVALID, {"field": "fees", "problem": "names no fee"})
    assert story.refuses(credit((fee, 1), names=()))[0] is Code.INVALID
    assert story.refuses(credit((fee, 1), names=("c1", "c1")))[1]["problem"] == "was named before"
    for name in ("nope", L1, "c3"):
        assert story.refuses(credit((fee, 1), names=(name,))) == (Code.ADJUSTMENT_NOT_FOUND, {"field": "item_ids.0"})


def test_items_that_part_later_are_still_what_it_was_credited_with():
    story = walking(Step.APPROVED).then(credit((FIRST_FEE, 10), names=("c1", "c2")))
    entry = story.ledger.order.fee_credits[0]
    story.walk(Step.RESTOCKED, "c2", location=SHOP)
    story.then(credit((FIRST_FEE, 20), names=("c2",)))
    story.walk(Step.FINISHED, "c1", "c2")

    first = story.ledger.order.adjustments[0].id
    assert story.ledger.order.fee_credits[0] == entry
    assert [[(item.origin, item.units) for item in each.items] for each in story.ledger.order.fee_credits] == [
        [(first, u.of([1, 2]))],
        [(first, u.of([2]))],
    ]


@pytest.mark.parametrize(("approve", "step"), [(True, Step.AWAITING_APPROVAL), (False, Step.RECEIVED)])
def test_with_a_return_that_was_approved_or_needs_no_approval(step: Step, *, approve: bool):
    story = Story(placed(2, fees=FEES), dialect="afosto").ship().under(approve_returns=approve)
    story.then(AnnounceReturn(targets=(unit(L1, 1, "r1"),)))
    assert story.refuses(credit((FIRST_FEE, 5), names=("r1",)))[0] is Code.STEP_NOT_ALLOWED
    story.walk(Step.RECEIVED, "r1")
    assert story.ledger.order.adjustments[0].step is step
    if approve:
        assert story.refuses(credit((FIRST_FEE, 5), names=("r1",)))[0] is Code.STEP_NOT_ALLOWED
        story.walk(Step.APPROVED, "r1")

    story.then(credit((FIRST_FEE, 5), names=("r1",)))

    assert left(story) == [590, 50]


def test_fees_that_were_credited_stay_in_a_draft():
    story = walking(Step.APPROVED, draft=True).then(credit((FIRST_FEE, 10)))

    assert story.refuses(ReviseDraft(fees=FEES)) == (
        Code.INVALID,
        {"field": "fees", "problem": "stay as they are: some were credited"},
    )
