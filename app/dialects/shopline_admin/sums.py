"""Money as SHOPLINE writes it: a text, and beside it the same in the store's and the buyer's currency, which are one
here (contract 2)."""

from decimal import Decimal

from app.dialects.shopline_admin import wire_parts
from app.web.currency import decimal_text, exponent
from app.web.faults import Detail, Fault, FaultCode


def text(amount: int, currency: str) -> str:
    return decimal_text(amount, currency)


def both(amount: int, currency: str) -> wire_parts.MoneySet:
    money: wire_parts.Money = {"amount": decimal_text(amount, currency), "currency_code": currency}
    return {"shop_money": money, "presentment_money": money}


def minor(amount: float | str, currency: str, field: str) -> int:
    """Raises INVALID for more decimals than the currency has."""
    value = Decimal(str(amount)).scaleb(exponent(currency))
    if value != value.to_integral_value():
        raise Fault(FaultCode.INVALID, Detail(field, f"must have at most {exponent(currency)} decimals in {currency}"))
    return int(value)
