"""Chance for waits that must not all end together and for ids of traces. Nothing secret comes from here."""

from random import Random

CHANCE = Random()  # noqa: S311 - see above
"""A generator of its own: whoever seeds, or watches, the common one is not disturbed by what runs beside it."""
