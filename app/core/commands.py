"""What faces say about drafts, about who fulfils an order, and about holding it; `Command` is all there is to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core import aftersales, messages, model
from app.core.messages import NewFee, NewLine, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseDraft:
    """A draft told anew, part by part; None leaves a part as it is. Lines are told all together, and so are fees.

    What amounts mean (currency, tax included or not) changes only together with all of them. Lines are known again
    by their sku. `extras` are merged into those of the asking dialect.
    """

    currency: str | None = None
    prices_include_tax: bool | None = None
    lines: tuple[NewLine, ...] | None = None
    fees: tuple[NewFee, ...] | None = None
    customer: model.Customer | None = None
    shipping_address: model.Address | None = None
    placed_at: datetime | None = None
    note: str | None = None
    manual: bool | None = None
    extras: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLines:
    """More lines for a draft, after those that it has."""

    lines: tuple[NewLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Open the order if it is a draft, and see to it that locations have its units.

    What nobody holds goes to the location that the tenant's policy names, unless the order is dispatched by hand.
    With `request` every location that holds units is asked to go ahead. With `targets`, whole lines, only these.
    """

    targets: tuple[Target, ...] = ()
    request: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Ask no location to go ahead until further notice; with `held` false, this is the further notice."""

    held: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAllocation:
    """Another location or other units, while it is only planned; None leaves a part as it is."""

    allocation_id: str
    location_id: str | None = None
    connector: str | None = None
    targets: tuple[Target, ...] | None = None
    extras: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAllocation:
    """Cancel the units that a location holds, all that are still open."""

    allocation_id: str


Command = (
    messages.Command | aftersales.Command | ReviseDraft | AddLines | Dispatch | Hold | EditAllocation | CancelAllocation
)  # fmt: skip


def restocked(command: Command) -> dict[str, str | None]:
    """The locations that a command names to put goods back to, each with the first field that needs it."""
    if isinstance(command, messages.Cancel | aftersales.AnnounceReturn | aftersales.GiveBack):
        return {command.restock_to: None} if command.restock_to is not None else {}
    if isinstance(command, aftersales.TakeStep):
        return {target.location_id: target.field for target in reversed(command.targets) if target.location_id}
    return {}
