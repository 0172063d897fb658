"""Mail to the customer: what became of units of a finished cancellation or return."""

from app.core.aftersales import SendMail
from app.core.ledger import Ledger
from app.core.messages import Change, Context, Task, TaskKind
from app.core.model import CaseKind, Step
from app.core.parts import Index
from app.core.refusal import Code, Refusal
from app.core.write import settle

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
    items = [[part.adjustment.origin, part.units] for part in parts]
    task = Task(TaskKind.MAIL, ctx.now, {"kind": command.kind.value, "items": items}, CHANNEL)
    return settle(before, before.order, ctx, "mail.requested", case=case, tasks=(task,))
