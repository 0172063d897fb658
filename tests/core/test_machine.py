"""Random commands in random order through all the doors of the core: goods come back, money does, units part."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from app.core import money
from app.core import units as u
from app.core.aftersales import (
    AnnounceReturn,
    Archive,
    CreditFees,
    EditFulfillment,
    GiveBack,
    LooseReturn,
    MoveFulfillment,
    NewCredit,
    SendMail,
    StepTarget,
    TakeStep,
)
from app.core.messages import Cancel, EditOrder, Target
from app.core.model import Adjustment, CaseKind, FulfillmentState, OrderState, Scope, Step
from app.core.parts import Index, contra_id
from tests.core.building import SHOP
from tests.core.drawing import ONWARD, few, places, seldom, which
from tests.core.machine import OrderMachine

AFTER_APPROVAL = (Step.APPROVED, Step.RESTOCKED, Step.RECEIVED)
ends = st.sampled_from([Step.ANNOUNCED, Step.ANNOUNCED, Step.RECEIVED, Step.FINISHED])


class AfterSalesMachine(OrderMachine):
    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, tuple[str | None, int]] = {}
        self.worth: dict[str, int] = {}
        self.links: dict[str, list[tuple[str, int]]] = {}
        self.paid: int | None = None

    def named(self, number: int, units: set[int]) -> tuple[Target, ...]:
        """Units one by one, some under an id that is theirs for good: so what is named again is a retry."""
        line = self.line(number)
        return tuple(
            Target(ref=line.id, units=u.of([n]), contra_ids={str(n): f"{line.id}/{n}"} if n % 3 else {}) for n in units
        )

    def units_of(self, adjustment: Adjustment, some: set[int]) -> tuple[StepTarget, ...]:
        """Some of its units, each by its own name; none of these: all of it."""
        numbers = u.numbers(adjustment.units)
        chosen = {numbers[n % len(numbers)] for n in some} or {numbers[0]}
        whole = not some
        names = [adjustment.id] if whole else [contra_id(adjustment, n) for n in chosen]
        return tuple(StepTarget(ref=name, location_id=SHOP) for name in names)

    @precondition(lambda self: self.ledger.open_units)
    @rule(number=which, units=st.sets(st.integers(1, 9), min_size=1, max_size=5), stepwise=st.booleans())
    def cancel_named(self, number: int, units: set[int], *, stepwise: bool) -> None:
        self.send(Cancel(scope=Scope.LINES, targets=self.named(number, units), stepwise=stepwise))

    @precondition(lambda self: self.ledger.fulfilled_units)
    @rule(
        number=which,
        units=st.sets(st.integers(1, 9), max_size=5),
        until=ends,
        place=st.none() | places,
        loose=seldom,
    )
    def send_named_back(self, number: int, units: set[int], until: Step, place: str | None, *, loose: bool) -> None:
        strange = (LooseReturn(sku="Z", quantity=3, unit_price=333),) if loose else ()
        targets = self.named(number, units)
        self.send(AnnounceReturn(targets=targets, loose=strange, until=until, restock_to=place))

    @precondition(lambda self: any(a.step in ONWARD for a in self.ledger.order.adjustments))
    @rule(number=which, some=st.sets(st.integers(0, 8), max_size=3), more=st.booleans())
    def units_walk_on(self, number: int, some: set[int], *, more: bool) -> None:
        """Units of one adjustment, and with `more` of another that stands where it does, take the next step."""
        walking = [a for a in self.ledger.order.adjustments if a.step in ONWARD]
        first = walking[number % len(walking)]
        others = [a for a in walking if a.step is first.step and a is not first][:more]
        targets = tuple(t for a in (first, *others) for t in self.units_of(a, some))
        self.send(TakeStep(step=ONWARD[first.step], targets=targets))

    @precondition(lambda self: any(a.step in AFTER_APPROVAL for a in self.ledger.order.adjustments))
    @rule(number=which, some=st.sets(st.integers(0, 8), max_size=2), amount=st.none() | st.integers(-1, 900))
    def credit(self, number: int, some: set[int], amount: int | None) -> None:
        able = [a for a in self.ledger.order.adjustments if a.step in AFTER_APPROVAL]
        fees = [fee.id for fee in self.ledger.order.fees] + [credit.id for credit in self.ledger.order.fee_credits]
        wanted = tuple(NewCredit(fee_id=fees[n % len(fees)], amount=amount) for n in some | {number} if fees)
        self.send(CreditFees(targets=self.units_of(able[number % len(able)], some), credits=wanted))

    @rule(number=st.none() | which, quantity=st.none() | few, cancel=seldom, receive=seldom)
    def give_back(self, number: int | None, quantity: int | None, *, cancel: bool, receive: bool) -> None:
        targets = () if number is None else (Target(ref=self.line(number).id, quantity=quantity),)
        self.send(GiveBack(targets=targets, cancel=cancel, receive=receive))

    @rule(amount=st.integers(-1, 3000))
    def give_an_amount_back(self, amount: int) -> None:
        self.send(GiveBack(amount=amount))

    @precondition(lambda self: self.ledger.order.fulfillments)
    @rule(number=which, state=st.sampled_from(FulfillmentState), edit=seldom)
    def move_shipment(self, number: int, state: FulfillmentState, *, edit: bool) -> None:
        shipments = self.ledger.order.fulfillments
        id_ = shipments[number % len(shipments)].id
        self.send(
            EditFulfillment(fulfillment_id=id_, carrier=str(number))
            if edit
            else MoveFulfillment(fulfillment_id=id_, state=state)
        )

    @precondition(lambda self: self.ledger.done)
    @rule(archived=st.sampled_from([True, True, False]), text=st.sampled_from("ab"))
    def put_away(self, text: str, *, archived: bool) -> None:
        self.send(Archive(archived=archived))
        self.send(EditOrder(note=text, expected={"x": None}, extras={"x": text}, shipped=True))

    @precondition(lambda self: any(a.step is Step.FINISHED for a in self.ledger.order.adjustments))
    @rule(number=which, some=st.sets(st.integers(0, 8), max_size=2))
    def tell(self, number: int, some: set[int]) -> None:
        finished = [a for a in self.ledger.order.adjustments if a.step is Step.FINISHED]
        chosen = finished[number % len(finished)]
        kind = self.ledger.cases[chosen.case_id].kind
        self.send(SendMail(kind=kind, targets=self.units_of(chosen, some)))

    @invariant()
    def every_name_of_a_unit_stands_for_it_for_good(self) -> None:
        index = Index(self.ledger, "native")
        for adjustment in self.ledger.order.adjustments:
            for n in u.numbers(adjustment.units):
                for name in (contra_id(adjustment, n), f"{adjustment.origin}.{n}"):
                    assert self.known.setdefault(name, (adjustment.line_id, n)) == (adjustment.line_id, n)
        for name, (line_id, n) in self.known.items():
            found = index.get(name)
            assert found is not None
            assert (found[0].line_id, found[1]) == (line_id, u.of([n]))

    @invariant()
    def parts_are_worth_what_they_were_together(self) -> None:
        worth: dict[str, int] = {}
        for adjustment in self.ledger.order.adjustments:
            worth[adjustment.origin] = worth.get(adjustment.origin, 0) + adjustment.amount
        assert self.worth.items() <= worth.items()
        self.worth = worth

    @invariant()
    def a_chain_only_grows(self) -> None:
        for line in self.ledger.order.lines:
            links = [(link.id, u.count(link.units)) for link in self.ledger.acceptances(line.id)]
            assert links[: len(self.links.get(line.id, []))] == self.links.get(line.id, [])
            self.links[line.id] = links

    @invariant()
    def no_money_is_made(self) -> None:
        order = self.ledger.order
        assert 0 <= money.refunded(order) <= money.paid(order)
        assert 0 <= money.refundable(order) <= money.paid(order)
        assert all(0 <= money.fee_left(order, fee) <= fee.amount for fee in order.fees)
        assert sum(refund.fees for refund in order.refunds) <= money.order_fees(order)
        loose = sum(a.amount for a in order.adjustments if a.line_id is None)
        assert -loose <= money.order_due(order) <= money.order_total(order)
        if order.state is not OrderState.DRAFT:
            assert self.paid in {None, money.paid(order)}
            self.paid = money.paid(order)

    @invariant()
    def what_is_put_away_has_nothing_left_to_do(self) -> None:
        order = self.ledger.order
        if order.archived_at is not None:
            assert order.state is OrderState.COMPLETED
            assert not self.ledger.working
            assert all(case.kind is CaseKind.RETURN or case.decided_at for case in order.cases)


TestOrders = AfterSalesMachine.TestCase
TestOrders.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
