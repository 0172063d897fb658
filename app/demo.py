"""Demo data: a tenant, a key, orders in every interesting state, and a call to paste for each dialect."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core import messages as m
from app.core import model
from app.core.aftersales import AnnounceReturn, MoveFulfillment
from app.core.commands import Command
from app.core.messages import NewFee, NewLine, Target
from app.core.policy import Policy
from app.core.ports import Location, Ref, Store, Tenant
from app.core.stock import StockMovement
from app.demo_calls import Walks
from app.posting import told
from app.service.access import SCOPES, Caller, Keys
from app.service.clock import Clock
from app.service.desk import Desk, Done
from app.service.vault import Vault
from app.settings import Settings
from app.web.dialect import Dialect, discover
from app.web.snippets import curl

_NAME = "Demo"
_DIALECT = "native"
_STOCK = {"MUG-RED": 40, "TEA-GREEN": 25, "CUP-BLUE": 60}
_DELIVERED = model.FulfillmentState.DELIVERED

Move = Command | Callable[[model.Order], Command]
"""A command, or how to make it from the order that it is for."""


def new_tenant_id() -> str:
    return secrets.token_hex(6)


class _Demo:
    """One run: its own numbers and ids, so that every run has fresh orders to cancel."""

    def __init__(self, store: Store, caller: Caller, manual: str, simulator: str) -> None:
        self._desk = Desk(store, Clock())
        self._caller = caller
        self._manual = manual
        self._simulator = simulator
        self._run = secrets.randbelow(10**6)
        self._made: list[tuple[str, model.Order]] = []

    async def order(self, about: str, *moves: Move, **fields: Any) -> model.Order:
        """Create an order, run commands on it, remember how it ends up."""
        order = await self._create(**fields)
        for move in moves:
            order = await self._act(order, move(order) if callable(move) else move)
        self._made.append((about, order))
        return order

    async def _create(self, **fields: Any) -> model.Order:
        n = len(self._made) + 1
        tail = f"{self._run:06d}{n:02d}"
        facts: dict[str, Any] = {
            "number": f"DEMO-{tail}",
            "currency": "EUR",
            "customer": model.Customer(name="Ada Byron", email="ada@example.com", phone="+31201234567"),
            "shipping_address": model.Address(
                name="Ada Byron", address1="Keizersgracht 1", city="Amsterdam", zip="1015 CC", country_code="NL"
            ),
            "lines": _lines({"convictional": f"66aa{tail:0>20}"}),
            "fees": (NewFee(kind=model.FeeKind.SHIPPING, title="Parcel", amount=595),),
            "payment": model.Payment(status=model.PaymentStatus.PAID, method="credit_card"),
            "keys": {"convictional": f"66ab{tail:0>20}", "shopline": f"633130-{tail}"},
        }
        done: list[model.Order] = []
        await self._desk.create(
            self._caller, _DIALECT, m.CreateOrder(**{**facts, **fields}), lambda made: _keep(made, done)
        )
        return done[0]

    async def _act(self, order: model.Order, command: Command) -> model.Order:
        done: list[model.Order] = []
        ref = Ref.to_order(_DIALECT, order.id)
        await self._desk.act(self._caller, _DIALECT, ref, command, lambda made: _keep(made, done))
        return done[0]

    def picking(self) -> Command:
        return m.Allocate(location_id=self._manual, connector="manual", stage=model.Stage.PICKING)

    def simulated(self) -> Command:
        """Its location refuses, unless the order says otherwise."""
        return m.Allocate(location_id=self._simulator, connector="simulator", stage=model.Stage.PICKING)

    def table(self) -> str:
        return "\n".join(f"  {order.number}  {order.id}  {about}" for about, order in self._made)


def _keep(made: Done, into: list[model.Order]) -> str:
    into[:] = [made.ledger.order]
    return ""


def _lines(keys: Mapping[str, str]) -> tuple[NewLine, ...]:
    return (
        NewLine(sku="MUG-RED", title="Red mug", quantity=5, unit_price=1250, keys=keys),
        NewLine(sku="TEA-GREEN", title="Green tea", quantity=2, unit_price=800),
    )


_WITH_BUNDLE = (
    NewLine(sku="MUG-RED", title="Red mug", quantity=2, unit_price=1250),
    NewLine(
        ref="set",
        sku="TEA-SET",
        title="Tea set",
        quantity=1,
        unit_price=2500,
        type=model.LineType.ASSEMBLE_BUNDLE,
    ),
    NewLine(sku="CUP-BLUE", title="Blue cup", quantity=2, unit_price=0, type=model.LineType.PART, parent="set"),
    NewLine(
        sku="TEA-GREEN", title="Green tea", quantity=1, unit_price=400, type=model.LineType.PRICED_PART, parent="set"
    ),
)
_FEES = (
    NewFee(kind=model.FeeKind.SHIPPING, title="Parcel", amount=595),
    NewFee(kind=model.FeeKind.PAYMENT, title="Credit card", amount=100),
)


def _whole(reason: str) -> m.Cancel:
    return m.Cancel(scope=model.Scope.ORDER, reason=model.Reason(None, reason))


def _too_late(order: model.Order) -> Command:
    return m.Answer(case_id=order.cases[0].id, accepted=False, message="Already packed")


def _two_mugs(order: model.Order) -> Command:
    target = Target(ref=order.lines[0].id, quantity=2)
    return m.Cancel(scope=model.Scope.LINES, targets=(target,), reason=model.Reason("OUT_OF_STOCK", "Sold out"))


def _arrived(order: model.Order) -> Command:
    return MoveFulfillment(fulfillment_id=order.fulfillments[0].id, state=_DELIVERED)


def _mug_is_back(order: model.Order) -> Command:
    target = Target(ref=order.lines[0].id, quantity=1)
    reason = model.Reason("BROKEN", "The handle came off")
    return AnnounceReturn(targets=(target,), reason=reason, until=model.Step.RECEIVED)


async def add(store: Store, url: str, vault: Vault | None, settings: Settings) -> str:
    """Add the data; returns what to tell people. Every run adds a key and fresh orders."""
    tenant = await _tenant(store)
    credential, key = await Keys(store, Clock(), vault=vault).add(tenant.id, name="demo")
    caller = Caller(tenant.id, credential.id, model.Party.SELLER, frozenset(SCOPES), None, None)
    shelf = await _location(store, tenant.id, "Amsterdam", None, {})
    await _stock(store, tenant.id, credential.id, shelf)
    simulator = {"behaviour": "refuse", "message": "Already packed"}
    demo = _Demo(
        store,
        caller,
        await _location(store, tenant.id, "Rotterdam", "manual", {}),
        await _location(store, tenant.id, "Utrecht (simulated)", "simulator", simulator),
    )
    ship_two = m.Fulfil(items=(m.FulfilItem(sku="MUG-RED", quantity=2),), carrier="DHL", tracking_code="JD0146000030")
    first = {dialect.name: await demo.order(f"open, for the {dialect.name} call below") for dialect in discover()}
    await demo.order("a draft", draft=True)
    await demo.order("open, two mugs cancelled", _two_mugs)
    await demo.order("partly shipped", ship_two)
    await demo.order("shipped", m.Fulfil(carrier="DHL", tracking_code="JD0146000031"))
    await demo.order("cancelled", _whole("Ordered twice"))
    await demo.order("partly shipped, the rest cancelled", ship_two, m.Cancel(scope=model.Scope.REST))
    await demo.order("cancellation waits for the warehouse", demo.picking(), _whole("Changed my mind"))
    await demo.order("cancellation refused by the warehouse", demo.picking(), _whole("Too late?"), _too_late)
    await demo.order("in picking at a simulated warehouse that will refuse to cancel", demo.simulated())
    agreeing = {"simulate": "accept"}
    await demo.order("in picking at a simulated warehouse that will agree", demo.simulated(), metadata=agreeing)
    ship = m.Fulfil(carrier="DHL", tracking_code="JD0146000032")
    walks = Walks(
        url=url,
        key=key,
        cancel=await demo.order("open, to cancel step by step", fees=_FEES, language="en"),
        back=await demo.order("delivered, to return", ship, _arrived, lines=_WITH_BUNDLE, fees=_FEES, language="nl"),
        half=await demo.order("delivered, a return half way", ship, _arrived, _mug_is_back, fees=_FEES),
        shelf=shelf,
    )
    calls = [(dialect, first[dialect.name]) for dialect in discover()]
    return f"{_told(demo, url, key, calls)}{walks.told()}\nMail to customers {told(settings)}\n"


async def _tenant(store: Store) -> Tenant:
    for tenant in await store.tenants():
        if tenant.name == _NAME:
            return tenant
    tenant = Tenant(id=new_tenant_id(), name=_NAME, active=True, policy=Policy(), created_at=Clock().now())
    await store.add_tenant(tenant)
    return tenant


async def _location(store: Store, tenant_id: str, name: str, connector: str | None, settings: Mapping[str, str]) -> str:
    for location in await store.locations(tenant_id):
        if location.connector == connector:
            return location.id
    now = Clock().now()
    location = Location(
        tenant_id=tenant_id,
        id=Clock().new_id(now),
        name=name,
        connector=connector,
        settings=json.dumps(settings),
        created_at=now,
        updated_at=now,
    )
    await store.save_location(location)
    return location.id


async def _stock(store: Store, tenant_id: str, credential_id: str, location_id: str) -> None:
    """What every run adds to the shelf."""
    clock = Clock()
    now = clock.now()
    for sku, delta in _STOCK.items():
        await store.add_movement(
            StockMovement(
                tenant_id=tenant_id,
                id=clock.new_id(now),
                location_id=location_id,
                sku=sku,
                delta=delta,
                credential_id=credential_id,
                note="Demo stock",
                at=now,
            )
        )


def _told(demo: _Demo, url: str, key: str, calls: Sequence[tuple[Dialect, model.Order]]) -> str:
    text = f"Demo orders (tenant {_NAME}):\n{demo.table()}\n\nDemo key, all scopes, all dialects:\n  {key}\n"
    for dialect, order in calls:
        if dialect.sample is not None:
            text += f"\n# {dialect.name}: {dialect.sample(order).about}\n{_curl(dialect, order, url, key)}\n"
    return text


def _curl(dialect: Dialect, order: model.Order, url: str, key: str) -> str:
    if dialect.sample is None:
        return ""
    sample = dialect.sample(order)
    headers = {name: value.format(key=key) for name, value in sample.headers.items()}
    return curl(sample.method, f"{url}{sample.path}", headers, sample.body)
