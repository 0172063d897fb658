"""Tax rates as clients write them."""

from decimal import Decimal

_DECIMALS = 12


def exact(number: float | str, *, percent: bool = False) -> Decimal:
    """The rate as written, 0.19 or, in percent, 19: the shortest text of a double is what it was made of.

    Twelve decimals. Raises ArithmeticError for what is no number.
    """
    written = Decimal(str(number))
    return round(written / 100 if percent else written, _DECIMALS).normalize()
