"""A letter's facts as its reader sees them: words, dates and amounts of one language, put into templates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from app.core import ids
from app.core.letters import Letter, LetterFee, LetterItem
from app.core.model import CaseKind, Customer, Fee, FeeKind, Order, OrderState, Reason
from app.mail import language, words
from app.mail.language import BadTemplate as BadSource
from app.service.mail import PARTS, BadTemplate, Style, Texts
from app.web.currency import exponent

_LONGEST_SUBJECT = 250
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)")
"""Where a currency that is written as letters would touch its digits (CLDR: `alphaNextToNumber`)."""
_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


class TemplateRenderer:
    languages: Sequence[str] = words.known()

    def sources(self) -> Texts:
        return Texts(words.source("subject.txt"), words.source("mail.html"), words.source("mail.txt"))

    def render(self, sources: Texts, letter: Letter, style: Style) -> Texts:
        values = values_of(letter, style)
        rendered = {part: _part(part, getattr(sources, part), values) for part in PARTS}
        return Texts(**{**rendered, "subject": _subject(rendered["subject"])})

    def check(self, kind: CaseKind, sources: Texts, style: Style) -> None:
        for letter in samples(kind):
            self.render(sources, letter, style)


def values_of(letter: Letter, style: Style) -> dict[str, Any]:
    """What templates are given; docs/mail.md lists it."""
    order, write = letter.order, _Writer(Locale.parse(style.locale, sep="-"), letter.order.currency)
    name, reason = (order.customer.name or "").strip(), letter.reason
    said = words.words(style.words, letter.kind, number=order.number, name=name)
    return {
        "language": style.locale,
        "kind": letter.kind.value,
        "words": said,
        "shop": {"name": style.shop},
        "customer": {"name": name},
        "order": {"number": order.number, "placed": write.date(order.placed_at), "currency": order.currency},
        "reason": _reason(reason) if reason is not None else "",
        "items": [
            {
                "title": item.title,
                "sku": item.sku,
                "quantity": write.number(item.quantity),
                "amount": write.amount(item.amount),
                "reason": _reason(item.reason),
            }
            for item in letter.items
        ],
        "fees": [
            {"title": fee.fee.title or said[f"fee_{fee.fee.kind.value}"], "amount": write.amount(fee.amount)}
            for fee in letter.fees
        ],
        "items_total": write.amount(letter.items_total),
        "fees_total": write.amount(letter.fees_total),
        "total": write.amount(letter.total),
    }


class _Writer:
    def __init__(self, locale: Locale, currency: str) -> None:
        self._locale = locale
        self._currency = currency

    def amount(self, minor: int) -> str:
        major = Decimal(minor).scaleb(-exponent(self._currency))
        return _TOUCHING.sub("\N{NO-BREAK SPACE}", format_currency(major, self._currency, locale=self._locale))

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self._locale)

    def date(self, at: datetime) -> str:
        return format_date(at, "long", locale=self._locale)


def _reason(reason: Reason) -> str:
    """A code is for programs: `OUT_OF_STOCK` reads as `Out of stock`."""
    shown = reason.shown or ""
    return shown.replace("_", " ").capitalize() if reason.text is None and _CODE.fullmatch(shown) else shown


def _part(part: str, source: str, values: Mapping[str, Any]) -> str:
    try:
        return language.render(source, values, html=part == "html")
    except BadSource as bad:
        raise BadTemplate(part, str(bad)) from None


def _subject(rendered: str) -> str:
    subject = rendered.strip()
    if not subject:
        raise BadTemplate("subject", "line 1: it is empty")
    if _BREAKS.search(subject):
        raise BadTemplate("subject", "it is more than one line, or holds a control character")
    if len(subject) > _LONGEST_SUBJECT:
        raise BadTemplate("subject", f"it is longer than {_LONGEST_SUBJECT} characters")
    return subject


def samples(kind: CaseKind) -> Sequence[Letter]:
    """One with everything that there may be, and one with as little."""
    order = Order(
        tenant_id="",
        id=ids.order_id(_AT, 1 << 40),
        number="1001",
        state=OrderState.OPEN,
        version=1,
        currency="EUR",
        prices_include_tax=True,
        track_inventory=True,
        lines=(),
        customer=Customer(name="Ada Byron", email="ada@example.com"),
        children=0,
        placed_at=_AT,
        created_at=_AT,
        updated_at=_AT,
    )
    mug = LetterItem(sku="MUG-RED", title="Red mug", quantity=2, amount=2500, reason=Reason(text="Too late"))
    tea = LetterItem(sku="TEA", title="TEA", quantity=1, amount=800, reason=Reason())
    fee = LetterFee(Fee(id="", kind=FeeKind.SHIPPING, title="Parcel", amount=595), 595)
    full = Letter(order=order, kind=kind, items=(mug, tea), fees=(fee,))
    return (
        full,
        replace(full, items=(mug,)),
        replace(full, order=replace(order, customer=Customer()), items=(tea,), fees=()),
    )
