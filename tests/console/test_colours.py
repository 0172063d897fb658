"""Every pair of colours that stand on each other can be read, in the light and in the dark (WCAG 2.2, AA)."""

import re
from collections.abc import Mapping

import pytest

from app.console.files import FOLDER

_TEXT, _SIGN = 4.5, 3.0
_ON = ("paper", "card", "sunken")
# What is written, and on what.
_WRITTEN = [
    *((ink, ground) for ink in ("ink", "muted", "accent", "danger") for ground in _ON),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("on-danger", "danger"),
    ("danger", "danger-soft"),
    ("ink", "danger-soft"),
    ("warn", "warn-soft"),
    ("warn", "paper"),
    ("good", "good-soft"),
    ("paper", "ink"),
    ("ink", "mark"),
    ("muted", "card"),
    *((f"code-{kind}", ground) for kind in ("key", "text", "number", "word") for ground in ("sunken", "mark")),
]
# What is only to be seen: borders of fields, the ring of the focus, the units.
_SEEN = [
    *((sign, ground) for sign in ("edge", "focus") for ground in _ON),
    *((f"{state}", "card") for state in ("open", "pending", "cancelled", "fulfilled", "returned")),
]


def _colours() -> Mapping[str, Mapping[str, str]]:
    light, dark = (FOLDER / "style" / "colours.css").read_text().split("@media (prefers-color-scheme: dark)")
    found = {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))
        for name, text in (("light", light), ("dark", dark))
    }
    assert set(found["light"]) == set(found["dark"])
    return found


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str):
    colours = _colours()[scheme]
    ratios = {
        f"{one} on {other}": (_contrast(colours[one], colours[other]), least)
        for pairs, least in ((_WRITTEN, _TEXT), (_SEEN, _SIGN))
        for one, other in pairs
    }
    assert {pair: round(ratio, 2) for pair, (ratio, least) in ratios.items() if ratio < least} == {}


def test_the_formula():
    assert round(_contrast("#000000", "#ffffff"), 3) == 21.0
    assert round(_contrast("#777777", "#ffffff"), 2) == 4.48


def test_no_colour_stands_elsewhere():
    """Else it would have no contrast that is known, and no other self in the dark."""
    for path in (FOLDER / "style").glob("*.css"):
        if path.name != "colours.css":
            left = re.sub(r"\.mark-[\w-]+ \{[^}]*\}", "", path.read_text())  # the sign, the same in both
            assert not re.search(r"#[0-9a-f]{3,8}\b", left.replace("#app", "").replace("#main", "")), path.name
