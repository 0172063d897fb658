"""Ids of one millisecond sort as they were made, in one process; of several they stay different."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from app.core import ids
from tests.core.building import NOW

MILLISECOND = timedelta(milliseconds=1)


def series(seed: int = 1, **fields) -> ids.Series:
    return ids.Series(Random(seed).getrandbits, **fields)


@pytest.mark.parametrize("children", [False, True])
def test_ids_of_one_millisecond_go_up_and_are_what_ids_are(children):
    some = series(children=children)
    made = [some.next(NOW) for _ in range(20_000)]
    assert made == sorted(set(made))
    assert {ids.created_at(id_) for id_ in made} == {NOW}
    assert all(ids.looks_like_ours(id_) and UUID(id_).version == 7 for id_ in made)
    assert all(ids.order_of(id_) == id_ for id_ in made) is children


def test_requests_that_end_in_another_order_stay_in_the_milliseconds_they_began_in():
    some, chance = series(), Random(2)
    made = []
    for _ in range(5_000):
        at = NOW + chance.randrange(200) * MILLISECOND
        made.append((at, some.next(at)))
    assert [id_ for _, id_ in sorted(made, key=lambda each: each[0])] == sorted(id_ for _, id_ in made)
    assert all(ids.created_at(id_) == at for at, id_ in made)


def test_a_clock_that_is_set_back_makes_no_id_twice():
    some = series()
    hour = [NOW + n * MILLISECOND for n in range(3_000)]
    made = [some.next(at) for at in (*hour, *hour, *reversed(hour), *[NOW] * 3_000)]
    assert len(set(made)) == len(made)
    assert all(ids.first_of(NOW) <= id_ < ids.first_of(hour[-1] + MILLISECOND) for id_ in made)


def test_processes_that_make_ids_in_the_same_milliseconds_make_different_ones():
    made = [some.next(NOW) for some in (series(n, children=True) for n in range(50)) for _ in range(1_000)]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("children", [False, True])
def test_a_millisecond_that_is_full_starts_anew(children):
    """The highest bits there can be: a start just below the half, then steps of all ones."""
    some = ids.Series(lambda bits: (1 << bits) - 1, children=children)
    first, second = some.next(NOW), some.next(NOW)
    assert first < second
    some._reached = dict.fromkeys(some._reached, (1 << some._width) - 1)
    assert some.next(NOW) == first
