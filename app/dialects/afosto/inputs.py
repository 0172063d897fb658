"""What a client gives, beyond what the schema says of it: ids of contra items, bounds, and names that are guesses."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from app.web.decode import Body, Key, Text, Whole, validate

MOST_ITEMS = 10_000
MOST_FEES = 100
MOST_VALUES = 100
MOST_A_PAGE = 250
USUAL_PAGE = 10  # public docs

ALSO: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ReceiveItemInput": {"item_id": ("contra_item_id", "id")},
    "RestockItemInput": {
        "item_id": ("contra_item_id", "id"),
        "location_id": ("inventory_location_id", "location"),
    },
    "ContraFeeInput": {"fee_id": ("id",)},
}
"""Contract 2.3, marks B and C: other names that the field of an input may turn out to have, each as good as the first.

The schema gets its optional keys from here (face.py), and whoever reads such an input finds the first name filled in.
"""

_M = TypeVar("_M", bound=Body)
_UUID4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def _contra(value: str) -> str | None:
    """Empty says the same as nothing. The id is kept as it was written, capitals included: the client compares it."""
    if value and not _UUID4.fullmatch(value):
        raise ValueError("must be a UUID v4")
    return value or None


def _once(value: Any) -> Any:
    """A tuple stands for a value that was given under all these names."""
    if isinstance(value, tuple):
        raise ValueError("is given more than once: exactly one of " + ", ".join(value))
    return value


# Ids of any length: one that is too long is unknown like any other that nobody has.
_Contra = Annotated[str, AfterValidator(_contra)]
_Name = Annotated[str, BeforeValidator(_once)]
_Ids = Annotated[list[str], Field(min_length=1, max_length=MOST_ITEMS)]


class Item(Body):
    """Of a cancellation or a return."""

    item_id: str
    contra_item_id: _Contra | None = None
    reason: Text | None = None


class Items(Body):
    order_id: str
    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]


class Received(Body):
    item_id: _Name
    reason: Text | None = None


class Receive(Body):
    order_id: str
    items: Annotated[list[Received], Field(min_length=1, max_length=MOST_ITEMS)]


class Restocked(Body):
    item_id: _Name
    location_id: Annotated[str, Field(min_length=1), BeforeValidator(_once)]


class Restock(Body):
    order_id: str
    items: Annotated[list[Restocked], Field(min_length=1, max_length=MOST_ITEMS)]


class Step(Body):
    """Approve, finish."""

    order_id: str
    items: _Ids


class Mail(Body):
    order_id: str
    item_ids: _Ids


class ContraFee(Body):
    fee_id: _Name
    amount: Annotated[Whole, Field(ge=1)]


class ContraFees(Body):
    item_ids: _Ids
    fees: Annotated[list[ContraFee], Field(min_length=1, max_length=MOST_FEES)]


class Customer(Body):
    name: Text | None = None
    email: Text | None = None
    phone_number: Text | None = None


class Address(Body):
    name: Text | None = None
    organisation: Text | None = None
    address_line_1: Text | None = None
    address_line_2: Text | None = None
    locality: Text | None = None
    administrative_area: Text | None = None
    postal_code: Text | None = None
    country_code: Text | None = None
    phone_number: Text | None = None
    email: Text | None = None


class NewOrder(Body):
    channel_id: Text | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    country_code: Text | None = None
    customer: Customer = Customer()
    billing: Address | None = None
    delivery: Address | None = None
    phone_number_id: Text | None = None
    is_including_vat: bool = True


class NewItem(Body):
    sku: Key
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)]
    label: Text | None = None
    price: Annotated[Whole, Field(ge=0, le=10**12)] = 0
    vat_rate: Annotated[float, Field(ge=0, lt=1_000)] = 0.0
    type: Literal["OFFER", "PART", "PRICED_PART", "ASSEMBLE_BUNDLE"] = "OFFER"
    ref: Key | None = None
    parent: Key | None = None


class NewItems(Body):
    order_id: str
    items: Annotated[list[NewItem], Field(min_length=1, max_length=2_000)]


class OpenOrder(Body):
    order_id: str


_Values = Annotated[list[str], Field(max_length=MOST_VALUES)]
# Until the year 9999.
_Moment = Annotated[Whole, Field(ge=0, le=253_402_300_799_000)]


class Values(Body):
    values: _Values


class Bounds(Body):
    gt: _Moment | None = None
    gte: _Moment | None = None
    lt: _Moment | None = None
    lte: _Moment | None = None


class Page(Body):
    first: Annotated[Whole, Field(ge=1, le=MOST_A_PAGE)] | None = None
    last: Annotated[Whole, Field(ge=1, le=MOST_A_PAGE)] | None = None
    after: Text | None = None
    before: Text | None = None


class Orders(Page):
    email: Text | None = None
    number: Values | None = None
    id: Values | None = None
    progress: Values | None = None
    created_at: Bounds | None = None


def read(value: Any, model: type[_M], names: Mapping[str, tuple[str, ...]] | None = None) -> _M:
    """An explicit null says the same as nothing. `names` are what the fields of its lists may also be called: a row
    of `ALSO`. Raises INVALID."""
    return validate(_given(value, names or {}), model, "input")


def _given(value: Any, names: Mapping[str, tuple[str, ...]]) -> Any:
    if isinstance(value, list):
        return [_given(held, names) for held in value]
    if not isinstance(value, dict):
        return value
    given = {name: _given(held, names) for name, held in value.items() if held is not None}
    for name, others in names.items():
        found = [key for key in (name, *others) if key in given]
        if len(found) > 1:
            given[name] = tuple(found)
        elif found:
            given[name] = given[found[0]]
    return given
