"""Which units a refund means, and of which orders it knows how much is left."""

import pytest

from app.core import money
from app.core.aftersales import AnnounceReturn, GiveBack
from app.core.messages import Fulfil, FulfilItem
from app.core.model import Payment, PaymentStatus, Step
from app.core.refusal import Code
from tests.core.building import L1, Story, counts, lines, placed, take


def paid(quantity: int) -> Story:
    return Story(placed(quantity, payment=Payment(status=PaymentStatus.PAID)))


def refunded(story: Story, quantity: int, *, cancel: bool = False) -> tuple[tuple[int, int], ...]:
    made = story.do(GiveBack(targets=(take(L1, quantity),), cancel=cancel)).ledger.order.refunds[-1]
    return made.items[0].units


def test_what_is_cancelled_along_goes_before_what_is_gone():
    story = paid(5)
    story.then(lines(take(L1, 1))).then(Fulfil(items=(FulfilItem(line=L1, quantity=2),)))
    story.then(AnnounceReturn(targets=(take(L1, 1),), until=Step.FINISHED))
    assert counts(story.ledger) == (2, 0, 1, 2, 1)
    assert refunded(story, 1, cancel=True) == ((4, 4),)
    assert counts(story.ledger) == (1, 0, 2, 2, 1)
    assert refunded(story, 2, cancel=True) == ((3, 3), (5, 5))
    assert counts(story.ledger) == (0, 0, 3, 2, 1)
    assert refunded(story, 2, cancel=True) == ((1, 2),)
    assert counts(story.ledger) == (0, 0, 3, 2, 1)


def test_a_refund_without_it_means_what_is_gone():
    story = paid(3).then(lines(take(L1, 1)))
    assert refunded(story, 1) == ((3, 3),)
    assert counts(story.ledger) == (2, 0, 1, 0, 0)


@pytest.mark.parametrize("amount", [None, 0])
def test_nothing_is_left_of_what_came_partially_refunded_and_does_not_say_of_how_much(amount):
    payment = Payment(status=PaymentStatus.PARTIALLY_REFUNDED, amount=amount)
    story = Story(placed(2, payment=payment))
    assert money.refundable(story.ledger.order) == 0
    assert story.refuses(GiveBack())[0] is Code.NOTHING_TO_REFUND
    assert story.refuses(GiveBack(amount=1))[0] is Code.NOTHING_TO_REFUND


def test_what_was_refunded_here_in_part_has_the_rest_left():
    story = paid(2)
    story.do(GiveBack(amount=500))
    assert story.ledger.order.payment == Payment(status=PaymentStatus.PARTIALLY_REFUNDED, amount=2000)
    assert money.refundable(story.ledger.order) == 1500
