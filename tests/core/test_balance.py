"""Every way to break what holds of money and of parts is noticed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core.aftersales import CreditFees, GiveBack, NewCredit, StepTarget
from app.core.commands import ReviseDraft
from app.core.ledger import Ledger, imbalances
from app.core.messages import NewFee, NewLine
from app.core.model import FeeKind, LineUnits, Order, Payment, PaymentStatus, Step
from app.core.money import order_due
from app.core.refusal import Code
from tests.core.building import L1, L2, Story, lines, placed, take, unit

FEES = (NewFee(kind=FeeKind.SHIPPING, amount=500),)
PAID = Payment(status=PaymentStatus.PAID)


def sound() -> Order:
    """Of four units c1 and c2 are cancelled, c2 by itself and for good; part of the fee is credited; 3 is refunded."""
    story = Story(placed(4, 1, fees=FEES, payment=PAID), dialect="afosto")
    story.then(lines(unit(L1, 1, "c1"), unit(L1, 2, "c2"), stepwise=True))
    story.walk(Step.APPROVED, "c1", "c2")
    fee = story.ledger.order.fees[0].id
    story.then(CreditFees(targets=(StepTarget(ref="c2"),), credits=(NewCredit(fee_id=fee, amount=200),)))
    story.walk(Step.FINISHED, "c2")
    return story.then(GiveBack(targets=(unit(L1, 3),))).ledger.order


def entry(order: Order, index: int, **fields: Any) -> Order:
    changed = [replace(a, **fields) if n == index else a for n, a in enumerate(order.adjustments)]
    return replace(order, adjustments=tuple(changed))


def credited(order: Order, **fields: Any) -> Order:
    return replace(order, fee_credits=tuple(replace(each, **fields) for each in order.fee_credits))


def refunded(order: Order, **fields: Any) -> Order:
    return replace(order, refunds=tuple(replace(each, **fields) for each in order.refunds))


BREACHES: list[tuple[str, Callable[[Order], Order], str]] = [
    ("over the fee", lambda o: credited(o, amount=501), "more credited than it was"),
    ("of no fee", lambda o: credited(o, fee_id=L1), "of no fee"),
    ("of nothing", lambda o: credited(o, amount=0), "of nothing"),
    ("with nothing", lambda o: credited(o, items=()), "with nothing"),
    ("over what was paid", lambda o: refunded(o, amount=5501), "5501 went back of 5500"),
    ("fees over the refund", lambda o: refunded(o, fees=1001), "1001 of fees within 1000"),
    ("nothing went back", lambda o: refunded(o, amount=0), "0 of fees within 0"),
    ("refunded twice", lambda o: replace(o, refunds=o.refunds * 2), "a unit was refunded twice"),
    ("never ordered", lambda o: refunded(o, items=(LineUnits(L2, ((2, 2),)),)), "refunded that was never ordered"),
    ("wrong amount", lambda o: entry(o, 0, amount=999), "999 is not what its units are worth"),
    ("too much taken", lambda o: entry(o, 0, amount=3001), "more than it cost"),
    ("below nothing", lambda o: entry(o, 0, amount=9000), "the order comes to"),
    ("one id", lambda o: entry(o, 1, id=o.adjustments[0].id), "two adjustments have one id"),
    ("no root", lambda o: entry(o, 1, root=L2), "did not start in"),
    ("another case's", lambda o: entry(o, 0, case_id="x"), "did not start in"),
    ("another line's", lambda o: entry(o, 1, line_id=L2), "did not start in"),
    ("no units", lambda o: entry(o, 0, units=()), "no units"),
    ("another's contra id", lambda o: entry(o, 0, contra_ids={"2": "c2"}), "a contra id of none of them"),
    ("shared unit", lambda o: entry(o, 1, units=((1, 2),)), "two parts of it share a unit"),
]


@pytest.mark.parametrize(("broken", "said"), [case[1:] for case in BREACHES], ids=[case[0] for case in BREACHES])
def test_every_breach_is_noticed(broken: Callable[[Order], Order], said: str):
    order = sound()
    assert list(imbalances(Ledger(order))) == []
    order = broken(order)
    known = {case.id: case for case in order.cases} | {"x": order.cases[0]}

    ledger = Ledger(replace(order, cases=tuple(replace(case, id=id_) for id_, case in known.items())))

    breaches = list(imbalances(ledger))
    assert any(said in breach for breach in breaches), breaches


def test_a_discount_of_more_than_the_goods_cost_leaves_less_than_nothing():
    off = NewFee(kind=FeeKind.OTHER, amount=-1300)

    ledger = Story(placed(1, fees=(off,))).then(lines(take(L1))).ledger

    assert order_due(ledger.order) == -300
    assert list(imbalances(ledger)) == []


def test_a_draft_whose_money_went_back_is_not_told_anew():
    draft = Story(placed(2, draft=True, fees=FEES, payment=PAID)).then(GiveBack(amount=100))
    problem = "stay as they are: money of the draft went back"

    bought = (NewLine(sku="A", quantity=1, unit_price=1),)
    for field, command in (("lines", ReviseDraft(lines=bought)), ("fees", ReviseDraft(fees=FEES))):
        assert draft.refuses(command) == (Code.INVALID, {"field": field, "problem": problem})
    assert draft.then(ReviseDraft(note="n")).ledger.order.note == "n"
