"""Every command and the function that decides it."""

from collections.abc import Callable
from typing import Any

from app.core import (
    aftersales,
    answer,
    cancel,
    commands,
    create,
    dispatch,
    fees,
    fulfil,
    mail,
    messages,
    refunds,
    returns,
    revise,
    shipments,
    steps,
    waiting,
)
from app.core.commands import Command
from app.core.ledger import Ledger
from app.core.messages import Change, Context
from app.core.refusal import Code, Refusal

_DECIDE: dict[type[Any], Callable[[Ledger, Any, Context], Change]] = {
    messages.OpenOrder: create.decide_open,
    messages.EditOrder: create.decide_edit,
    messages.Cancel: cancel.decide_cancel,
    messages.Answer: answer.decide_answer,
    messages.Forwarded: waiting.decide_forwarded,
    messages.Silence: waiting.decide_silence,
    messages.Fulfil: fulfil.decide_fulfil,
    messages.Allocate: fulfil.decide_allocate,
    messages.MoveAllocation: fulfil.decide_move,
    aftersales.AnnounceReturn: returns.decide_return,
    aftersales.TakeStep: steps.decide_step,
    aftersales.CreditFees: fees.decide_credit_fees,
    aftersales.GiveBack: refunds.decide_give_back,
    aftersales.SendMail: mail.decide_mail,
    aftersales.MoveFulfillment: shipments.decide_move_fulfillment,
    aftersales.EditFulfillment: shipments.decide_edit_fulfillment,
    aftersales.Archive: shipments.decide_archive,
    commands.ReviseDraft: revise.decide_revise,
    commands.AddLines: revise.decide_add_lines,
    commands.Dispatch: dispatch.decide_dispatch,
    commands.Hold: dispatch.decide_hold,
    commands.EditAllocation: dispatch.decide_edit_allocation,
    commands.CancelAllocation: dispatch.decide_cancel_allocation,
}


_NOT_OF_ARCHIVED = frozenset({aftersales.GiveBack, aftersales.MoveFulfillment, aftersales.EditFulfillment})


def decide(before: Ledger, command: Command, ctx: Context) -> Change:
    """What a command would change. Refuses as its own function, and ARCHIVED what is not done to an archived order."""
    if before.order.archived_at is not None and type(command) in _NOT_OF_ARCHIVED:
        raise Refusal(Code.ARCHIVED)
    return _DECIDE[type(command)](before, command, ctx)
