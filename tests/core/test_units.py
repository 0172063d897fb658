"""Range sets behave as Python's sets do, and have one spelling for each set."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import units as u

numbers = st.sets(st.integers(1, 30))


def is_normal(units: u.Units) -> bool:
    ordered = all(first <= last for first, last in units)
    return ordered and all(a[1] + 1 < b[0] for a, b in pairwise(units))


@given(numbers)
def test_a_set_comes_out_as_it_went_in(a):
    assert u.numbers(u.of(a)) == sorted(a)
    assert u.count(u.of(a)) == len(a)


@given(numbers, numbers)
def test_union_minus_and_both_agree_with_sets(a, b):
    x, y = u.of(a), u.of(b)

    assert u.union(x, y) == u.of(a | b)
    assert u.minus(x, y) == u.of(a - b)
    assert u.both(x, y) == u.of(a & b)
    assert all(is_normal(units) for units in (x, y, u.union(x, y), u.minus(x, y), u.both(x, y)))


@given(numbers, st.integers(-2, 40))
def test_lowest_and_highest_take_as_many_as_there_are(a, quantity):
    wanted = max(quantity, 0)

    assert u.lowest(u.of(a), quantity) == u.of(sorted(a)[:wanted])
    assert u.highest(u.of(a), quantity) == u.of(sorted(a, reverse=True)[:wanted])


@given(numbers, st.integers(0, 30))
def test_lowest_and_the_highest_of_the_others_are_the_whole(a, quantity):
    x = u.of(a)
    low = u.lowest(x, quantity)
    high = u.highest(x, len(a) - u.count(low))

    assert u.both(low, high) == u.NONE
    assert u.union(low, high) == x


@pytest.mark.parametrize(("quantity", "units"), [(3, ((1, 3),)), (1, ((1, 1),)), (0, ()), (-1, ())])
def test_span(quantity, units):
    assert u.span(quantity) == units


def test_neighbours_become_one_range():
    assert u.union(((1, 2), (5, 6)), ((3, 4),)) == ((1, 6),)
    assert u.of([3, 1, 2, 7]) == ((1, 3), (7, 7))


def test_a_million_units_stay_one_range():
    million = u.span(1_000_000)

    assert u.highest(million, 2) == ((999_999, 1_000_000),)
    assert u.minus(million, ((500_000, 500_000),)) == ((1, 499_999), (500_001, 1_000_000))
    assert u.count(million) == 1_000_000
