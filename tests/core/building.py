"""Small orders and the stories told on them: a fixed clock, ids from fixed randomness, no store and no web."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.core import create, ids, ledger
from app.core import units as u
from app.core.aftersales import AnnounceReturn, StepTarget, TakeStep
from app.core.decide import decide as decide_command
from app.core.ledger import Ledger
from app.core.messages import (
    Allocate,
    Answer,
    Cancel,
    Change,
    Context,
    CreateOrder,
    Event,
    Fulfil,
    FulfilItem,
    NewLine,
    Place,
    Target,
)
from app.core.model import Actor, Adjustment, Case, Party, Scope, Stage, Step
from app.core.policy import Policy
from app.core.refusal import Code, Refusal

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
ORDER = ids.order_id(NOW, 0x2A5_5AA5_0F0F_F0F0_1234)
L1, L2, L3 = (ids.child(ORDER, n) for n in (1, 2, 3))
POLICY = Policy()
HAMBURG, LYON, SHOP = "loc-hamburg", "loc-lyon", "loc-shop"


def context(
    dialect: str = "native", *, minutes: int = 0, policy: Policy = POLICY, connector: str | None = "http"
) -> Context:
    """`connector` is that of the location that the policy dispatches to, if it names one."""
    place = Place(policy.dispatch_to, connector) if policy.dispatch_to else None
    return Context(Actor("credential-1", dialect, Party.SELLER), policy, NOW + timedelta(minutes=minutes), place)


def placed(*quantities: int, price: int = 1000, tax_rate: str = "0", **fields: Any) -> Ledger:
    """An order with one line for each quantity: L1 of sku A, L2 of sku B, L3 of sku C."""
    lines = tuple(
        NewLine(sku="ABC"[n], quantity=quantity, unit_price=price, tax_rate=Decimal(tax_rate))
        for n, quantity in enumerate(quantities)
    )
    command = CreateOrder(currency="EUR", **{"lines": lines, **fields})
    return create.decide_create(command, "tenant-1", ORDER, context()).ledger


def lines(*targets: Target, **fields: Any) -> Cancel:
    return Cancel(scope=Scope.LINES, targets=targets, **fields)


def take(ref: str, quantity: int | None = None, **fields: Any) -> Target:
    return Target(ref=ref, quantity=quantity, **fields)


def unit(ref: str, number: int, contra: str | None = None) -> Target:
    return Target(ref=ref, units=u.of([number]), contra_ids={str(number): contra} if contra else {})


def whole(**fields: Any) -> Cancel:
    return Cancel(scope=Scope.ORDER, **fields)


def rest(**fields: Any) -> Cancel:
    return Cancel(scope=Scope.REST, **fields)


def go(step: Step, *refs: str, location: str | None = None) -> TakeStep:
    return TakeStep(step=step, targets=tuple(StepTarget(ref=ref, location_id=location) for ref in refs))


def counts(held: Ledger, line_id: str = L1) -> tuple[int, int, int, int, int]:
    """Open, pending, cancelled, fulfilled, returned."""
    c = held.positions[line_id].counts()
    return c["open"], c["pending"], c["cancelled"], c["fulfilled"], c["returned"]


def decide(before: Ledger, command: Any, ctx: Context) -> Change:
    """Decides, and proves on the way that the order and the ledger given in were left alone."""
    order, positions = deepcopy(before.order), deepcopy(before.positions)
    try:
        return decide_command(before, command, ctx)
    finally:
        assert before.order == order
        assert before.positions == positions


def event_of(change: Change) -> Event:
    assert change.event is not None
    return change.event


def case_of(change: Change) -> Case:
    assert change.case is not None
    return change.case


@dataclass
class Story:
    """An order and what happens to it, a minute after each other; every step has to leave the books balanced."""

    ledger: Ledger
    policy: Policy = POLICY
    dialect: str = "native"

    def do(self, command: Any, dialect: str | None = None) -> Change:
        change = decide(self.ledger, command, self._context(dialect))
        moved = change.event is not None
        assert change.ledger.order.version == self.ledger.order.version + moved
        assert list(ledger.imbalances(change.ledger)) == []
        self.ledger = Ledger(change.ledger.order)
        return change

    def then(self, command: Any, dialect: str | None = None) -> "Story":
        self.do(command, dialect)
        return self

    def refuses(self, command: Any, dialect: str | None = None) -> tuple[Code, dict[str, Any]]:
        try:
            decide(self.ledger, command, self._context(dialect))
        except Refusal as no:
            return no.code, no.facts
        raise AssertionError("accepted")

    def _context(self, dialect: str | None) -> Context:
        return context(dialect or self.dialect, minutes=self.ledger.order.version, policy=self.policy)

    def ship(self, line: str | None = None, quantity: int | None = None) -> "Story":
        return self.then(Fulfil(items=(FulfilItem(line=line, quantity=quantity),) if line else ()))

    def hold(
        self, location: str, *targets: Target, stage: Stage = Stage.REQUESTED, connector: str | None = "http"
    ) -> "Story":
        return self.then(Allocate(location_id=location, connector=connector, targets=targets, stage=stage))

    def answer(self, accepted: bool, location: str | None = None, *, case: int = -1, **fields: Any) -> Change:
        case_id = self.ledger.order.cases[case].id
        return self.do(Answer(case_id=case_id, accepted=accepted, location_id=location, **fields))

    def send_back(self, *targets: Target) -> "Story":
        return self.then(AnnounceReturn(targets=targets))

    def step(self, step: Step, *adjustments: Adjustment, location: str | None = None) -> Change:
        """Moves the given adjustments on, or all that there are."""
        chosen = [a.id for a in adjustments or self.ledger.order.adjustments]
        return self.do(go(step, *chosen, location=location))

    def walk(self, step: Step, *refs: str, location: str | None = None) -> Change:
        """Moves what these ids stand for on: adjustments, or units by their contra ids."""
        return self.do(go(step, *refs, location=location))

    def steps(self) -> list[list[str]]:
        return [[entry.step.value for entry in a.steps] for a in self.ledger.order.adjustments]

    def taken(self) -> list[tuple[str, u.Units]]:
        return [(a.line_id or "", a.units) for a in self.ledger.order.adjustments]

    def under(self, **policy: Any) -> "Story":
        return replace(self, policy=Policy(**policy))
