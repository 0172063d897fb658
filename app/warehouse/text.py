"""Texts from outside, as any database and any face can hold them."""

import re

_LONGEST = 1_000
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


def message(text: str | None) -> str | None:
    """On one line, of at most a thousand characters; nothing left is none."""
    if text is None:
        return None
    return _UNPRINTABLE.sub(" ", text).strip()[:_LONGEST] or None
