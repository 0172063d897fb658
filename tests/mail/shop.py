"""A shop whose orders are cancelled or come back, and whose worker sends mail about it. No test is here."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.core import units as u
from app.core.aftersales import AnnounceReturn, CreditFees, NewCredit, SendMail, StepTarget, TakeStep
from app.core.commands import Command
from app.core.ledger import Ledger
from app.core.messages import Cancel, CreateOrder, Fulfil, NewFee, NewLine, Target
from app.core.model import CaseKind, Customer, FeeKind, Order, Reason, Scope, Step
from app.core.outbox import Job
from app.core.ports import Ref, Store
from app.mail.maildir import Maildir
from app.mail.post import Postman
from app.mail.render import TemplateRenderer
from app.mail.server import read_url
from app.mail.smtp import Smtp
from app.service.mail import Post
from app.service.mail_office import MailOffice
from app.service.mailing import Mailing
from app.service.senders import sender
from tests.mail.sink import Sink
from tests.outbox.world import World

ADA = Customer(name="Ada Byron", email="ada@example.com")
LINES = (
    NewLine(sku="MUG-RED", title="Red mug", quantity=5, unit_price=1250, tax_rate=Decimal("0.21")),
    NewLine(sku="TEA-GREEN", title="Green tea", quantity=2, unit_price=800, tax_rate=Decimal("0.09")),
)
PARCEL = NewFee(kind=FeeKind.SHIPPING, title="Parcel", amount=595)
LATE = Reason("TOO_LATE", None)


class Shop(World):
    def post(self, post: Post) -> "Shop":
        """From now on its mail goes this way."""
        self.renderer = TemplateRenderer()
        self.mailing = Mailing(
            self.desk,
            self.store,
            self.renderer,
            post,
            self.clock,
            sender=sender("orders@example.com"),
            meter=self.meter,
        )
        self.office = MailOffice(self.desk, self.store, self.renderer, self.clock)
        self.handlers = dict(self.mailing.handlers)
        return self

    async def do(self, order_id: str, command: Command) -> Ledger:
        await self.desk.act(self.caller, "native", Ref.to_order("native", order_id), command, lambda _: "")
        return await self.look(order_id)

    async def look(self, order_id: str) -> Ledger:
        return await self.desk.read(self.caller, Ref.to_order("native", order_id))

    async def place(self, **more: Any) -> Order:
        facts: dict[str, Any] = {"currency": "EUR", "customer": ADA, "lines": LINES, "fees": (PARCEL,)}
        made = CreateOrder(**facts | more)
        order_id = (await self.desk.create(self.caller, "native", made, lambda done: done.ledger.order.id)).text
        return (await self.look(order_id)).order

    async def cancelled(self, order: Order, *, fees: bool = True) -> Ledger:
        """Three mugs and a tea, step by step to the end, and the fee with them."""
        mug, tea = order.lines
        held = await self.do(
            order.id,
            Cancel(
                scope=Scope.LINES,
                targets=(Target(ref=mug.id, quantity=3), Target(ref=tea.id, quantity=1)),
                reason=LATE,
                stepwise=True,
            ),
        )
        return await self.finished(held, fees=fees)

    async def returned(self, order: Order) -> Ledger:
        await self.do(order.id, Fulfil())
        target = Target(ref=order.lines[0].id, units=u.of([2, 3]))
        held = await self.do(order.id, AnnounceReturn(targets=(target,), reason=LATE, until=Step.RECEIVED))
        return await self.finished(held, fees=False)

    async def finished(self, held: Ledger, *, fees: bool) -> Ledger:
        targets = targets_of(held)
        await self.do(held.order.id, TakeStep(step=Step.APPROVED, targets=targets))
        if fees:
            credit = NewCredit(fee_id=held.order.fees[0].id)
            await self.do(held.order.id, CreditFees(targets=targets, credits=(credit,)))
        return await self.do(held.order.id, TakeStep(step=Step.FINISHED, targets=targets))

    async def mail(self, held: Ledger, kind: CaseKind = CaseKind.CANCEL, *, count: int = 1) -> None:
        """Ask for so many mails about all that there is."""
        for _ in range(count):
            await self.do(held.order.id, SendMail(kind=kind, targets=targets_of(held)))

    async def write_to(self, customer: Customer = ADA, **more: Any) -> Order:
        """A mail about a new order is due."""
        order = await self.place(customer=customer, **more)
        await self.mail(await self.cancelled(order))
        return order

    async def aside(self) -> list[Job]:
        return await self.store.tasks_aside(self.tenant_id, "", 100)

    async def idle(self) -> bool:
        """Nothing is left but what was set aside."""
        return await self.queue() == 0

    async def under(self, **policy: Any) -> None:
        tenant = await self.store.tenant(self.tenant_id)
        assert tenant is not None
        await self.store.save_tenant(replace(tenant, policy=replace(tenant.policy, **policy)))


def targets_of(held: Ledger) -> tuple[StepTarget, ...]:
    return tuple(StepTarget(ref=adjustment.id) for adjustment in held.order.adjustments)


async def shop(store: Store, way: Sink | Path, *, timeout: float = 5.0) -> Shop:
    post = Smtp(read_url(way.url), timeout=timeout) if isinstance(way, Sink) else Maildir(way)
    return (await _opened(store)).post(Postman(post))


async def _opened(store: Store) -> Shop:
    made = Shop(store)
    await made.open()
    return made
