"""What faces say once goods and money have moved: returns, their steps, fees, refunds, mail, shipments that changed."""

from dataclasses import dataclass

from app.core import model
from app.core.messages import Cancel, Target

_NO_REASON = model.Reason()


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseReturn:
    """Goods that come back without a line of the order that they were sold on; `unit_price` has the tax in it."""

    sku: str
    title: str | None = None
    quantity: int
    unit_price: int
    reason: model.Reason | None = None
    field: str = "loose"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceReturn:
    """Shipped units come back: announced, or at once `received`, or at once `finished`.

    One adjustment for each target; targets that name certain units share one where line and reason are the same.
    With `restock_to` what is finished at once goes to that location's stock.
    """

    targets: tuple[Target, ...] = ()
    loose: tuple[LooseReturn, ...] = ()
    reason: model.Reason = _NO_REASON
    until: model.Step = model.Step.ANNOUNCED
    restock_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTarget:
    """An adjustment, or one unit of it.

    `ref` is an adjustment's id, the contra id that a client of the asking dialect gave to a unit, or `<id>.<n>` for
    the n-th unit of the line in the adjustment that started with this id. `reason`: what whoever takes the step says
    of why it was cancelled or comes back; None leaves it as it was told.
    """

    ref: str
    location_id: str | None = None
    reason: model.Reason | None = None
    field: str = "adjustment_ids"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """Move adjustments on: `received`, `approved`, `restocked` (each target needs its location) or `finished`.

    Or out: `rejected`, before they are approved.

    `kind`: only of cases of this kind.
    """

    step: model.Step
    targets: tuple[StepTarget, ...]
    kind: model.CaseKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredit:
    """`amount` None: what is left of the fee."""

    fee_id: str
    amount: int | None = None
    field: str = "fees"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFees:
    """Credit fees together with what is cancelled or comes back, once each, however many targets there are."""

    targets: tuple[StepTarget, ...]
    credits: tuple[NewCredit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Refund `targets` (units not refunded before), or an `amount`, or, with neither, all that is left.

    What units are worth is computed, their share of a discount taken off; with the last of them go the fees. A chained
    target means the units that its item was cancelled with, or, of one that still stands, what stands. `cancel`: those
    not shipped are cancelled together with it. `receive`: those shipped have come back, and their return is finished
    together with it; with an `amount`, which names no units, all that was shipped. `along`: this cancellation goes
    together with it, whatever units it takes. `restock` and `restock_to` are for what is cancelled or comes back.

    `fees` is how much of them goes back beside the targets, or alone; `all_fees`: what is left of them.
    """

    targets: tuple[Target, ...] = ()
    amount: int | None = None
    fees: int | None = None
    all_fees: bool = False
    cancel: bool = False
    receive: bool = False
    along: Cancel | None = None
    restock: bool = False
    restock_to: str | None = None
    reason: model.Reason = _NO_REASON
    field: str = "amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail:
    """Tell the customer what became of units of a finished cancellation or return. Without an address: nobody."""

    kind: model.CaseKind
    targets: tuple[StepTarget, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFulfillment:
    """A shipment arrived (`delivered`), or never left (`void`): then its units are open again."""

    fulfillment_id: str
    state: model.FulfillmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFulfillment:
    """None leaves a part as it is. With a `state` the shipment is moved there in the same change."""

    fulfillment_id: str
    state: model.FulfillmentState | None = None
    carrier: str | None = None
    tracking_code: str | None = None
    tracking_urls: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Put a completed order away; with `archived` false, take it out again."""

    archived: bool = True


Command = (
    AnnounceReturn | TakeStep | CreditFees | GiveBack | SendMail | MoveFulfillment | EditFulfillment | Archive
)  # fmt: skip
