"""What a reader sees: pictures by a real browser, light and dark, on a phone and on a desk."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.letters import LetterItem
from app.core.model import CaseKind, Customer, Reason
from app.mail.render import TemplateRenderer, samples
from app.service.mail import Style
from tests.mail.browser import CHROMIUM, Browser, browser

# A phone and a desk, where there is a browser to look with.
WIDTHS = [375, 1024] if CHROMIUM else []
_COLOURS = """
[...document.querySelectorAll("p, h1, td, th, span")].filter(e => e.textContent.trim() && !e.querySelector("table"))
  .map(e => {
    let under = e;
    while (getComputedStyle(under).backgroundColor === "rgba(0, 0, 0, 0)") under = under.parentElement;
    return [getComputedStyle(e).color, getComputedStyle(under).backgroundColor];
  })
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def html(language: str) -> str:
    """With titles, names and amounts of every length."""
    full = samples(CaseKind.CANCEL)[0]
    long = (
        LetterItem(sku="X" * 60, title="Donaudampfschifffahrts" * 4, quantity=1000, amount=99_999_900, reason=Reason()),
        LetterItem(sku="A", title="Many short words " * 10, quantity=1, amount=1, reason=Reason(text="Too late " * 20)),
    )
    order = replace(full.order, number="N" * 60, customer=Customer(name="Wolfeschlegelsteinhausenbergerdorff" * 2))
    letter = replace(full, order=order, items=(*full.items, *long))
    return TemplateRenderer().render(
        TemplateRenderer().sources(), letter, Style(words=language, locale=language, shop="Mugs & Co")
    ).html  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_readable(page: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    page.show(html("de"), width=width, dark=dark)
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask("performance.getEntriesByType('resource').length") == 0
    colours = page.ask(_COLOURS)
    assert len(colours) > 20
    for ink, paper in colours:
        assert contrast(ink, paper) >= 4.5, (ink, paper)  # WCAG 2.1, 1.4.3
        assert (luminance(paper) < 0.2) == dark
    picture = page.picture()
    (tmp_path / "mail.png").write_bytes(picture)  # to be looked at
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000


def luminance(colour: str) -> float:
    """Of `rgb(r, g, b)`, as WCAG defines it."""
    channels = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(ink: str, paper: str) -> float:
    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
