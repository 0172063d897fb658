"""Who buys, who asks and why, where it goes and how it was paid."""

from dataclasses import dataclass
from enum import StrEnum


class PaymentStatus(StrEnum):
    WAITING = "waiting"
    PAYING = "paying"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


REFUNDED = (PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED)
"""Money went back, some or all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    zip: str | None = None
    province: str | None = None
    country_code: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """`amount` is what came in; None: what the order came to, once its status says that it was paid."""

    status: PaymentStatus = PaymentStatus.WAITING
    method: str | None = None
    amount: int | None = None


class Party(StrEnum):
    SELLER = "seller"
    BUYER = "buyer"
    WAREHOUSE = "warehouse"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    credential_id: str
    dialect: str
    party: Party


@dataclass(frozen=True, slots=True)
class Reason:
    """Both kept verbatim. A face shows the text, else the code, else its own empty value."""

    code: str | None = None
    text: str | None = None

    @property
    def shown(self) -> str | None:
        return self.text if self.text is not None else self.code
