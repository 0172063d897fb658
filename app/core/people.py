"""Who buys, where it goes and how it is paid: facts that faces show and nothing is decided by."""

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
    status: PaymentStatus = PaymentStatus.WAITING
    method: str | None = None
