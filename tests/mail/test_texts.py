"""Our own texts: every language has all of them, and shows every fact as its readers write it."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import app.mail
from app.core.letters import Letter, LetterFee, LetterItem
from app.core.model import CaseKind, Customer, Reason
from app.mail.render import TemplateRenderer, samples, values_of
from app.service.mail import BadTemplate, Style
from app.service.mailing import choose
from tests.house.sources import ROOT

FILES = sorted((Path(app.mail.__file__).parent / "texts").glob("*.toml"))
RENDERER = TemplateRenderer()
AMOUNTS = {
    "en": ("€2,500.00", "€38.95"),
    "de": ("2.500,00 €", "38,95 €"),
    "fr": ("2 500,00 €", "38,95 €"),
    "nl": ("€ 2.500,00", "€ 38,95"),
    "es": ("2.500,00 €", "38,95 €"),
    "it": ("2.500,00 €", "38,95 €"),
}
_SPACES = re.compile(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]")


def style(tag: str) -> Style:
    return Style(words=tag.partition("-")[0], locale=tag, shop="Mugs & Co")


def full(kind: CaseKind = CaseKind.CANCEL) -> Letter:
    return samples(kind)[0]


def shape(table: dict[str, dict[str, str]]) -> set[tuple[object, ...]]:
    """Which texts there are, and which facts each of them names."""
    return {
        (name, key, tuple(re.findall(r"{\w*}", text))) for name, held in table.items() for key, text in held.items()
    }


def test_every_language_has_all_texts_and_no_others() -> None:
    tables = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES}
    assert sorted(tables) == ["de", "en", "es", "fr", "it", "nl"] == list(RENDERER.languages)
    shapes = {language: shape(table) for language, table in tables.items()}
    for language, found in shapes.items():
        assert found == shapes["en"], language
    # What is said alike in two languages is said by one of them.
    for key in ("total", "closing", "automatic", "greeting"):
        assert len({table["common"][key] for table in tables.values()}) == len(tables)


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize("language", list(AMOUNTS))
def test_every_language_shows_every_fact(language: str, kind: CaseKind) -> None:
    dear = replace(full(kind).items[0], title="Dear mug", amount=250_000)
    letter = replace(full(kind), items=(*full(kind).items, dear))
    made = RENDERER.render(RENDERER.sources(), replace(full(kind), items=full(kind).items), style(language))
    dearer = RENDERER.render(RENDERER.sources(), letter, style(language))
    for text in (made.html, made.text):
        assert AMOUNTS[language][1] in _SPACES.sub(" ", text)
        for fact in ("1001", "Ada Byron", "Red mug", "MUG-RED", "Too late", "Parcel", "2026"):
            assert fact in text
        assert not re.search(r"[{}]{2}|{%|None", text.partition("</style>")[2] or text)
    assert AMOUNTS[language][0] in _SPACES.sub(" ", dearer.text)
    assert "1001" in made.subject
    assert f'<html lang="{language}">' in made.html
    assert "Mugs &amp; Co" in made.html
    assert "Mugs & Co" in made.text


def test_html_escapes_and_loads_nothing() -> None:
    evil = LetterItem(
        sku="<s>", title="<script>alert(1)</script>", quantity=1, amount=1, reason=Reason(text="\"'><img>")
    )
    letter = replace(full(), items=(evil,), order=replace(full().order, customer=Customer(name="<img src=x>")))
    html = RENDERER.render(RENDERER.sources(), letter, style("en")).html
    for tag in ("<script", "<img", "<s>", "http:", "https:", "url(", "<link", "@import"):
        assert tag not in html


@pytest.mark.parametrize(
    ("currency", "locale", "amount", "shown"),
    [
        ("JPY", "en", 1250, "¥1,250"),
        ("KWD", "en", 1250, "KWD 1.250"),
        ("EUR", "de-CH", 123456, "EUR 1'234.56"),
        ("EUR", "de-AT", 1250, "€ 12,50"),
        ("USD", "fr-CA", 1250, "12,50 $ US"),
        ("XXZ", "nl", -5, "XXZ -0,05"),
    ],
)
def test_amounts_are_the_currencys(currency: str, locale: str, amount: int, shown: str) -> None:
    items = (replace(full().items[0], amount=amount),)
    letter = replace(full(), order=replace(full().order, currency=currency), items=items, fees=())
    assert _SPACES.sub(" ", values_of(letter, style(locale))["total"]) == shown


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        (Reason("OUT_OF_STOCK", None), "Out of stock"),
        (Reason("OUT_OF_STOCK", "Ausverkauft"), "Ausverkauft"),
        (Reason("Zu spät", None), "Zu spät"),
        (Reason(None, "LATE"), "LATE"),
        (Reason(), ""),
    ],
)
def test_reasons_are_for_people(reason: Reason, shown: str) -> None:
    letter = replace(full(), items=(replace(full().items[0], reason=reason),))
    assert values_of(letter, style("en"))["reason"] == shown
    assert ("Reason" in RENDERER.render(RENDERER.sources(), letter, style("en")).text) == bool(shown)


def test_a_fee_without_a_title_is_named_after_its_kind() -> None:
    [fee] = full().fees
    letter = replace(full(), fees=(LetterFee(replace(fee.fee, title=""), fee.amount),))
    assert values_of(letter, style("de"))["fees"][0]["title"] == "Versand"


@pytest.mark.parametrize(
    ("asked", "fallback", "own", "found"),
    [
        ("de", None, (), ("de", "de", "de")),
        ("de-AT", None, (), ("de", "de", "de-AT")),
        ("DE_at", "fr", (), ("de", "de", "de-AT")),
        ("pl", "nl-BE", (), ("nl", "nl", "nl-BE")),
        ("pl", "cs", (), ("en", "en", "en")),
        (None, None, (), ("en", "en", "en")),
        (None, "it", (), ("it", "it", "it")),
        ("nonsense!", "fr", (), ("fr", "fr", "fr")),
        ("pl-PL", "fr", ("pl",), ("pl", "fr", "pl-PL")),
        ("de-AT", None, ("de-AT",), ("de-AT", "de", "de-AT")),
        ("de-AT", None, ("de-CH",), ("de", "de", "de-AT")),
        ("pt-BR", None, ("pt-BR", "pt"), ("pt-BR", "en", "pt-BR")),
    ],
)
def test_which_language_it_is_in(
    asked: str | None, fallback: str | None, own: tuple[str, ...], found: tuple[str, str, str]
) -> None:
    assert choose(asked, fallback, own, RENDERER.languages) == found


@pytest.mark.parametrize(
    ("part", "source", "wrong"),
    [
        ("subject", "  \n ", "line 1: it is empty"),
        ("subject", "one\ntwo", "more than one line"),
        ("subject", "{{ words.intro * 9 }}", "line 1: mul"),
        (
            "subject",
            "{% for i in items %}{{ words.intro }}{{ words.intro }}{{ words.intro }}{% endfor %}",
            "longer than",
        ),
        ("html", "\n{{ customer.surname }}", "line 2: there is no 'surname'"),
        ("text", "{{ items[0].titel }}", "line 1: there is no 'titel'"),
        ("text", "{{ fees[0].title }}", "line 1: there is no 0 here"),
    ],
)
def test_a_template_is_tried_before_it_is_kept(part: str, source: str, wrong: str) -> None:
    sources = replace(RENDERER.sources(), **{part: source})
    with pytest.raises(BadTemplate, match=re.escape(wrong)) as bad:
        RENDERER.check(CaseKind.CANCEL, sources, style("en"))
    assert bad.value.part == part


def test_the_page_lists_what_templates_are_given() -> None:
    page = (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w.\[\]]+)` \|", page.partition("| Value |")[2], re.MULTILINE)
    assert sorted(listed) == sorted(_names(values_of(full(), style("en"))))


def _names(values: dict[str, Any], before: str = "") -> list[str]:
    found: list[str] = []
    for name, value in values.items():
        inner = value[0] if isinstance(value, list) else value
        if isinstance(inner, dict):
            found += _names(inner, f"{before}{name}{'[]' if isinstance(value, list) else ''}.")
        else:
            found.append(before + name)
    return found
