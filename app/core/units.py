"""Sets of the units of one line, kept as sorted ranges: a line of a million pieces costs what one of three does."""

from collections.abc import Iterable

Units = tuple[tuple[int, int], ...]
"""Sorted, disjoint, non-adjacent inclusive ranges of unit numbers, from 1: `((1, 3), (5, 5))`."""

NONE: Units = ()


def span(quantity: int) -> Units:
    return ((1, quantity),) if quantity > 0 else NONE


def of(numbers: Iterable[int]) -> Units:
    return _normal([(n, n) for n in numbers])


def count(units: Units) -> int:
    total = 0
    for first, last in units:
        total += last - first + 1
    return total


def numbers(units: Units) -> list[int]:
    return [n for first, last in units for n in range(first, last + 1)]


def union(a: Units, b: Units) -> Units:
    if not a or not b:
        return a or b
    return _normal([*a, *b])


def union_all(sets: Iterable[Units]) -> Units:
    """All at once: one after another would cost the square of their number."""
    return _normal([each for units in sets for each in units])


def minus(a: Units, b: Units) -> Units:
    if not a or not b:
        return a
    if a == b:
        return NONE
    left: list[tuple[int, int]] = []
    for first, last in a:
        start = first
        for low, high in b:
            if high < start or low > last:
                continue
            if low > start:
                left.append((start, low - 1))
            start = high + 1
        if start <= last:
            left.append((start, last))
    return tuple(left)


def both(a: Units, b: Units) -> Units:
    return minus(a, minus(a, b))


def lowest(units: Units, quantity: int) -> Units:
    taken: list[tuple[int, int]] = []
    for first, last in units:
        if quantity <= 0:
            break
        end = min(last, first + quantity - 1)
        taken.append((first, end))
        quantity -= end - first + 1
    return tuple(taken)


def highest(units: Units, quantity: int) -> Units:
    return minus(units, lowest(units, count(units) - quantity))


def _normal(ranges: list[tuple[int, int]]) -> Units:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
