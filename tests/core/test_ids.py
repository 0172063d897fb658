"""Ids: what a UUIDv7 looks like, and that every child leads to its order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import create, ids
from tests.core.building import NOW, ORDER

moments = st.integers(0, 4_102_444_800_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
randomness = st.integers(0, (1 << 74) - 1)


@given(moments, randomness)
def test_an_id_is_a_uuid7_of_its_millisecond(at, bits):
    made = UUID(ids.uuid7(at, bits))

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert ids.created_at(str(made)) == at
    assert ids.looks_like_ours(str(made))
    assert (made.int >> 64 & 0xFFF) << 62 | made.int & (1 << 62) - 1 == bits


@given(moments, randomness, st.integers(1, (1 << 20) - 1))
def test_a_child_leads_to_its_order(at, bits, number):
    order = ids.order_id(at, bits)
    made = ids.child(order, number)

    assert ids.order_of(made) == order
    assert int(made[-5:], 16) == number
    assert ids.looks_like_ours(made)
    assert ids.order_of(order) == order


@given(moments, moments, randomness, randomness)
def test_ids_sort_by_their_time(one, two, bits, others):
    earlier, later = sorted((one, two))

    assert ids.first_of(earlier) <= ids.uuid7(earlier, bits)
    if earlier < later:
        assert ids.uuid7(earlier, bits) < ids.first_of(later) <= ids.uuid7(later, others)


@pytest.mark.parametrize("number", [0, -1, 1 << 20])
def test_children_are_numbered_from_1_in_20_bits(number):
    with pytest.raises(OverflowError):
        ids.child(ORDER, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "633130-00000004",
        "019CA8AA-F500-7000-8000-000000000000",
        "019ca8aa-f500-4000-8000-000000000000",
        "019ca8aa-f500-7000-c000-000000000000",
        "019ca8aa-f500-7000-8000-000000000000\n",
    ],
    ids=["empty", "partner", "capitals", "version 4", "other variant", "newline"],
)
def test_what_is_not_ours(text):
    assert not ids.looks_like_ours(text)


def test_the_fixed_order_of_these_tests():
    assert ORDER == "019ca8d7-2d00-7a95-9aa5-0f0ff0f00000"
    assert ids.child(ORDER, 255) == "019ca8d7-2d00-7a95-9aa5-0f0ff0f000ff"
    assert create.number_of(ORDER) == "DR-AJNN98F1ZRF"
    assert ids.created_at(ORDER) == NOW


@given(randomness, randomness)
def test_a_derived_number_tells_orders_of_one_millisecond_apart(one, two):
    a, b = ids.order_id(NOW, one), ids.order_id(NOW, two)

    assert (create.number_of(a) == create.number_of(b)) == (a == b)
