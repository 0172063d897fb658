"""Random orders, and random commands on what is to be shipped or cancelled; after each the books balance."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.core import create, money
from app.core import units as u
from app.core.aftersales import AnnounceReturn
from app.core.commands import CancelAllocation, Dispatch, EditAllocation, Hold, ReviseDraft
from app.core.ledger import PENDING, Ledger, imbalances
from app.core.messages import (
    Allocate,
    Answer,
    Cancel,
    Change,
    CreateOrder,
    Forwarded,
    Fulfil,
    FulfilItem,
    MoveAllocation,
    NewFee,
    NewLine,
    OpenOrder,
    Silence,
    Target,
)
from app.core.model import (
    Adjustment,
    CaseKind,
    Line,
    OrderState,
    Payment,
    Scope,
    Stage,
    Step,
)
from app.core.policy import Policy
from app.core.refusal import Refusal
from tests.core.building import ORDER, SHOP, context, decide, go
from tests.core.drawing import LOCATIONS, ONWARD, charges, few, goods, payments, places, policies, seldom, stages, which
from tests.core.views import all_four, chain, contra, status

ENOUGH = 6
"""A whole cancel ends most stories, so it waits until something was told."""


class OrderMachine(RuleBasedStateMachine):
    @initialize(
        bought=st.lists(goods, min_size=1, max_size=3),
        draft=seldom,
        tax_included=st.booleans(),
        tracked=st.booleans(),
        policy=policies,
        fees=st.lists(charges, max_size=2),
        payment=payments,
    )
    def place(
        self,
        *,
        bought: list[NewLine],
        draft: bool,
        tax_included: bool,
        tracked: bool,
        policy: Policy,
        fees: list[NewFee],
        payment: Payment,
    ) -> None:
        command = CreateOrder(
            currency="EUR",
            lines=tuple(bought),
            fees=tuple(fees),
            payment=payment,
            draft=draft,
            prices_include_tax=tax_included,
            track_inventory=tracked,
        )
        self.policy = policy
        self.ledger = create.decide_create(command, "tenant-1", ORDER, context()).ledger
        self.gone: dict[str, u.Units] = {}
        self.restocked: set[str] = set()
        self.decided: set[tuple[str, str]] = set()

    def send(self, command: object) -> None:
        """Does it, or is refused and has changed nothing."""
        ctx = context(minutes=self.ledger.order.version, policy=self.policy)
        try:
            change = decide(self.ledger, command, ctx)
        except Refusal:
            return
        version = self.ledger.order.version
        assert change.ledger.order.version == version + (change.event is not None)
        self.note(change)
        folded = Ledger(change.ledger.order)
        assert folded.positions == change.ledger.positions
        self.ledger = folded

    def note(self, change: Change) -> None:
        """What was moved back to stock was moved for the first time and as often as there are units."""
        held = {a.id: u.count(a.units) for a in change.ledger.order.adjustments}
        for movement in change.movements:
            assert change.ledger.order.track_inventory
            assert movement.adjustment_id not in self.restocked
            assert movement.delta == held[movement.adjustment_id]
            self.restocked.add(movement.adjustment_id)

    def line(self, number: int) -> Line:
        return self.ledger.order.lines[number % len(self.ledger.order.lines)]

    @precondition(lambda self: self.ledger.order.state is OrderState.DRAFT)
    @rule()
    def open(self) -> None:
        self.send(OpenOrder())

    @precondition(lambda self: self.ledger.order.state is OrderState.DRAFT)
    @rule(bought=st.none() | st.lists(goods, max_size=3), fees=st.none() | st.lists(charges, max_size=2))
    def revise(self, *, bought: list[NewLine] | None, fees: list[NewFee] | None) -> None:
        lines, charged = bought and tuple(bought), fees and tuple(fees)
        self.send(ReviseDraft(lines=lines or None, fees=charged or None, manual=bought is None))

    @precondition(lambda self: not self.ledger.done)
    @rule(request=st.booleans(), number=st.none() | which)
    def dispatch(self, *, request: bool, number: int | None) -> None:
        targets = () if number is None else (Target(ref=self.line(number).id),)
        self.send(Dispatch(targets=targets, request=request))

    @precondition(lambda self: not self.ledger.done)
    @rule(held=seldom)
    def hold(self, *, held: bool) -> None:
        self.send(Hold(held=held))

    @precondition(lambda self: self.ledger.order.allocations)
    @rule(number=which, cancel=st.booleans(), place=st.none() | places, quantity=few)
    def change_allocation(self, *, number: int, cancel: bool, place: str | None, quantity: int) -> None:
        allocations = self.ledger.order.allocations
        id_ = allocations[number % len(allocations)].id
        if cancel:
            self.send(CancelAllocation(allocation_id=id_))
        else:
            targets = (Target(ref=self.line(number).id, quantity=quantity),)
            self.send(EditAllocation(allocation_id=id_, location_id=place, connector="http", targets=targets))

    @precondition(lambda self: self.ledger.open_units)
    @rule(place=places, stage=stages, number=st.none() | which, quantity=st.none() | few)
    def allocate(self, place: str, stage: Stage, number: int | None, quantity: int | None) -> None:
        targets = () if number is None else (Target(ref=self.line(number).id, quantity=quantity),)
        self.send(Allocate(location_id=place, connector=LOCATIONS[place], stage=stage, targets=targets))

    @precondition(lambda self: self.ledger.order.allocations)
    @rule(number=which, stage=stages)
    def move(self, number: int, stage: Stage) -> None:
        allocations = self.ledger.order.allocations
        self.send(MoveAllocation(allocation_id=allocations[number % len(allocations)].id, stage=stage))

    @precondition(lambda self: self.ledger.open_units)
    @rule(items=st.lists(st.tuples(st.sampled_from("AB") | which, few), min_size=1, max_size=2))
    def fulfil(self, items: list[tuple[str | int, int]]) -> None:
        chosen = [
            FulfilItem(sku=what, quantity=quantity)
            if isinstance(what, str)
            else FulfilItem(line=self.line(what).id, quantity=quantity)
            for what, quantity in items
        ]
        self.send(Fulfil(items=tuple(chosen)))

    @precondition(lambda self: self.ledger.order.version > ENOUGH)
    @rule(keep_shipped=st.booleans(), rest=st.booleans(), stepwise=seldom, place=st.none() | places)
    def cancel_order(self, *, keep_shipped: bool, rest: bool, stepwise: bool, place: str | None) -> None:
        scope = Scope.REST if rest else Scope.ORDER
        self.send(Cancel(scope=scope, keep_shipped=keep_shipped, stepwise=stepwise, restock_to=place))

    @precondition(lambda self: self.ledger.open_units)
    @rule(wanted=st.lists(st.tuples(which, few), min_size=1, max_size=2), stepwise=seldom)
    def cancel_quantities(self, *, wanted: list[tuple[int, int]], stepwise: bool) -> None:
        targets = tuple(Target(ref=self.line(number).id, quantity=quantity) for number, quantity in wanted)
        self.send(Cancel(scope=Scope.LINES, targets=targets, stepwise=stepwise))

    @precondition(lambda self: not self.ledger.done)
    @rule(number=which, keep=st.integers(-1, 9))
    def cancel_all_but(self, number: int, keep: int) -> None:
        """As Convictional does: the item that stands for the line now, by its own id."""
        line = self.line(number)
        links = self.ledger.acceptances(line.id)
        ref = links[-1].id if links else line.id
        self.send(Cancel(scope=Scope.LINES, targets=(Target(ref=ref, keep=keep, chained=True),)))

    @precondition(lambda self: not self.ledger.done)
    @rule(number=which, units=st.sets(st.integers(1, 9), min_size=1, max_size=2))
    def cancel_units(self, number: int, units: set[int]) -> None:
        line = self.line(number)
        targets = tuple(
            Target(ref=line.id, units=u.of([n]), contra_ids={str(n): f"{line.id}/{n}/{self.ledger.order.version}"})
            for n in units
        )
        self.send(Cancel(scope=Scope.LINES, targets=targets, stepwise=True))

    @precondition(lambda self: any(case.asks for case in self.ledger.order.cases))
    @rule(number=which, accepted=st.booleans(), place=st.none() | places)
    def answer(self, number: int, *, accepted: bool, place: str | None) -> None:
        asked = [case.id for case in self.ledger.order.cases if case.asks]
        self.send(Answer(case_id=asked[-1 - number % len(asked)], accepted=accepted, location_id=place))

    @precondition(lambda self: any(case.asks for case in self.ledger.order.cases))
    @rule(number=which, place=places, key=st.none() | st.sampled_from("AB"))
    def keep_silent(self, number: int, place: str, key: str | None) -> None:
        asked = [case.id for case in self.ledger.order.cases if case.asks]
        case_id = asked[-1 - number % len(asked)]
        self.send(Forwarded(case_id=case_id, location_id=place, order_key=key, reference=key))
        self.send(Silence(case_id=case_id))

    @precondition(lambda self: self.ledger.fulfilled_units)
    @rule(number=which, quantity=st.none() | few)
    def send_back(self, number: int, quantity: int | None) -> None:
        self.send(AnnounceReturn(targets=(Target(ref=self.line(number).id, quantity=quantity),)))

    @precondition(lambda self: self.ledger.order.adjustments)
    @rule(step=st.sampled_from(Step), number=which, more=st.booleans())
    def step(self, step: Step, number: int, *, more: bool) -> None:
        known = [a.id for a in self.ledger.order.adjustments]
        first = number % len(known)
        chosen = known[first : first + 1 + more]
        self.send(go(step, *chosen, location=SHOP))

    @precondition(lambda self: any(a.step in ONWARD for a in self.ledger.order.adjustments))
    @rule(number=which)
    def walk_on(self, number: int) -> None:
        """One of those that stand somewhere along a walk takes its next step, so that walks reach their end."""
        walking = [a for a in self.ledger.order.adjustments if a.step in ONWARD]
        chosen = walking[number % len(walking)]
        self.send(go(ONWARD[chosen.step], chosen.id, location=SHOP))

    @invariant()
    def the_books_balance(self) -> None:
        assert list(imbalances(self.ledger)) == []
        for line_id, held in self.ledger.positions.items():
            counts = held.counts()
            assert counts["open"] + counts["pending"] + counts["cancelled"] + counts["fulfilled"] == held.line.quantity
            assert counts["returned"] <= counts["fulfilled"]
            live = [a for a in self.cancels(line_id) if a.step is not Step.REJECTED]
            assert sum(u.count(a.units) for a in live) == counts["pending"] + counts["cancelled"]
            waiting = [a.units for a in live if a.step in PENDING]
            assert sum(map(u.count, waiting)) == counts["pending"]

    @invariant()
    def what_is_cancelled_stays_cancelled(self) -> None:
        for line_id, held in self.ledger.positions.items():
            assert u.minus(self.gone.get(line_id, u.NONE), held.cancelled) == u.NONE
            self.gone[line_id] = held.cancelled

    @invariant()
    def an_allocation_remembers_how_it_got_where_it_is(self) -> None:
        for allocation in self.ledger.order.allocations:
            assert allocation.trail[-1].stage is allocation.stage
            versions = [entry.version for entry in allocation.trail]
            assert versions == sorted(set(versions))
            assert versions[-1] <= self.ledger.order.version

    @invariant()
    def what_is_decided_stays_decided(self) -> None:
        decided = {(case.id, case.state.value) for case in self.ledger.order.cases if case.decided_at is not None}
        assert self.decided <= decided
        self.decided = decided

    @invariant()
    def a_wholly_cancelled_line_is_worth_what_it_cost(self) -> None:
        for line_id, held in self.ledger.positions.items():
            if u.count(held.cancelled) == held.line.quantity:
                worth = sum(a.amount for a in self.cancels(line_id) if a.step is not Step.REJECTED)
                included = self.ledger.order.prices_include_tax
                assert worth == money.line_gross(held.line, held.line.quantity, tax_included=included)

    @invariant()
    def every_view_renders_and_agrees(self) -> None:
        all_four(self.ledger)
        standing = [item.quantity for item in chain(self.ledger) if not item.cancelled]
        counted = [p.counts() for p in self.ledger.positions.values()]
        assert sum(standing) == sum(c["open"] + c["pending"] + c["fulfilled"] for c in counted)
        assert len({item.id for item in chain(self.ledger)}) == len(chain(self.ledger))
        states = [state for line in contra(self.ledger)["items"] for state in line]
        assert states.count("CANCELLED") == sum(c["cancelled"] for c in counted)
        assert states.count("CANCELLING") == sum(c["pending"] for c in counted)
        assert (status(self.ledger)["status"] == "finished") == (self.ledger.done and not self.ledger.cancelled)

    def cancels(self, line_id: str) -> list[Adjustment]:
        kinds = {case.id: case.kind for case in self.ledger.order.cases}
        return [
            a for a in self.ledger.order.adjustments if a.line_id == line_id and kinds[a.case_id] is CaseKind.CANCEL
        ]
