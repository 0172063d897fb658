"""Amounts in a currency's own decimals: where a face shows or reads major units and the core keeps minor ones."""

from collections.abc import Mapping

_USUAL = 2
_NONE = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR = ("CLF", "UYW")
# ISO 4217: only what differs from the usual.
_EXPONENTS: Mapping[str, int] = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3), **dict.fromkeys(_FOUR, 4)}


def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, _USUAL)


def decimal_text(amount: int, currency: str) -> str:
    """Minor units as a text in major ones with all the currency's decimals: 1250 EUR is `12.50`, 1250 JPY `1250`."""
    digits = exponent(currency)
    if not digits:
        return str(amount)
    major, minor = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{major}.{minor:0{digits}d}"


def number(amount: int, currency: str) -> float:
    """Minor units as a JSON number in major ones: the double nearest to the exact value, so 1250 EUR is 12.5."""
    return amount / float(10 ** exponent(currency))
