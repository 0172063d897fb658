"""Amounts: half up, per line, and however a line is taken apart, its parts add up to the whole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import money
from app.core import units as u
from app.core.messages import NewFee, NewLine
from app.core.model import FeeKind, Line
from tests.core.building import L1, placed


def line(quantity: int, price: int, rate: str) -> Line:
    return Line(id=L1, sku="A", title="A", quantity=quantity, unit_price=price, tax_rate=Decimal(rate))


@pytest.mark.parametrize(
    ("price", "rate", "quantity", "included", "expected"),
    [
        (1000, "0.2", 3, True, (3000, 500)),
        (1000, "0.2", 3, False, (3600, 600)),
        (999, "0", 2, False, (1998, 0)),
        (5, "0.1", 1, False, (6, 1)),
        (4, "0.1", 1, False, (4, 0)),
        (15, "0.1", 1, False, (17, 2)),
        (11, "0.1", 1, True, (11, 1)),
        (3, "0.2", 1, True, (3, 1)),
        (0, "0.2", 4, False, (0, 0)),
        (1999, "0.077", 3, False, (6459, 462)),
        (1999, "0.077", 3, True, (5997, 429)),
    ],
    ids=["in", "on top", "untaxed", "0.5 up", "0.4 down", "1.5 up", "exact", "in half up", "free", "swiss", "swiss in"],
)
def test_rounding_is_half_up_per_line(price, rate, quantity, included, expected):
    one = line(quantity, price, rate)

    gross = money.line_gross(one, quantity, tax_included=included)
    tax = money.line_tax(one, quantity, tax_included=included)

    assert (gross, tax) == expected


def test_single_units_may_differ_by_a_cent_so_that_the_line_does_not():
    three = line(3, 333, "0.07")
    each = [money.units_gross(three, u.of([n]), tax_included=False) for n in (1, 2, 3)]

    assert each == [356, 357, 356]
    assert sum(each) == money.line_gross(three, 3, tax_included=False) == 1069


@st.composite
def parted(draw):
    quantity = draw(st.integers(1, 12))
    owner = draw(st.lists(st.integers(0, 3), min_size=quantity, max_size=quantity))
    parts = [u.of(n for n, part in enumerate(owner, 1) if part == which) for which in draw(st.permutations(range(4)))]
    rate = draw(st.decimals(0, 1, places=4))
    return line(quantity, draw(st.integers(0, 100_000)), str(rate)), parts


@given(parted(), st.booleans())
def test_parts_in_any_order_add_up_to_the_whole(case, included):
    whole, parts = case

    worth = [money.units_gross(whole, part, tax_included=included) for part in parts]

    assert sum(worth) == money.line_gross(whole, whole.quantity, tax_included=included)
    assert all(amount >= 0 for amount in worth)


def test_an_order_is_worth_its_lines_and_fees():
    bought = (
        NewLine(sku="A", quantity=3, unit_price=333, tax_rate=Decimal("0.07")),
        NewLine(sku="B", quantity=1, unit_price=5, tax_rate=Decimal("0.1")),
    )
    fees = (NewFee(kind=FeeKind.SHIPPING, amount=490), NewFee(kind=FeeKind.PAYMENT, amount=10))
    order = placed(lines=bought, fees=fees, prices_include_tax=False).order

    assert money.order_goods(order) == 1069 + 6
    assert money.order_tax(order) == 70 + 1
    assert money.order_fees(order) == 500
    assert money.order_total(order) == 1575
