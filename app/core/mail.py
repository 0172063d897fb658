"""Mail to the customer: what became of units of a finished cancellation or return."""

from collections.abc import Iterable
from typing import Any

from app.core.aftersales import SendMail
from app.core.ledger import Ledger
from app.core.messages import Change, Context, Task, TaskKind
from app.core.model import Adjustment, Case, CaseKind, Order, Step
from app.core.parts import Index
from app.core.refusal import Code, Refusal
from app.core.write import MAILED, settle

CHANNEL = "mail"
_KINDS = {CaseKind.CANCEL: "cancellation", CaseKind.RETURN: "return"}


def decide_mail(before: Ledger, command: SendMail, ctx: Context) -> Change:
    """Queue one message. Asked again, another one is sent; without an address none is, and nothing changes.

    The task says what it is about: `kind`, and `items`, each the origin of an adjustment with units.

    Refuses: INVALID (no item, one twice, or one of the other kind), ADJUSTMENT_NOT_FOUND, NOT_FINISHED.
    """
    parts = Index(before, ctx.actor.dialect).parts(command.targets)
    for part in parts:
        if before.cases[part.adjustment.case_id].kind is not command.kind:
            raise Refusal(Code.INVALID, field=part.target.field, problem=f"is not part of a {_KINDS[command.kind]}")
        if part.adjustment.step is not Step.FINISHED:
            raise Refusal(Code.NOT_FINISHED, field=part.target.field)
    case = before.cases[parts[0].adjustment.case_id]
    if not before.order.customer.email:
        return Change(ledger=before, case=case)
    task = _task(case, [[part.adjustment.origin, part.units] for part in parts], ctx)
    return settle(before, before.order, ctx, MAILED, case=case, tasks=(task,))


def told(order: Order, case: Case, gone: Iterable[Adjustment], ctx: Context) -> tuple[Task, ...]:
    """The mail that whoever cancelled asked for, about what is gone now."""
    items = [[adjustment.origin, adjustment.units] for adjustment in gone]
    return (_task(case, items, ctx),) if case.mail and items and order.customer.email else ()


def _task(case: Case, items: list[list[Any]], ctx: Context) -> Task:
    return Task(TaskKind.MAIL, ctx.now, {"kind": case.kind.value, "items": items}, CHANNEL)
