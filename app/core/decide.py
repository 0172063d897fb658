"""Every command and the function that decides it."""

from collections.abc import Callable
from typing import Any

from app.core import answer, cancel, commands, create, dispatch, fulfil, messages, revise, steps, waiting
from app.core.commands import Command
from app.core.ledger import Ledger
from app.core.messages import Change, Context

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
    messages.AnnounceReturn: steps.decide_return,
    messages.TakeStep: steps.decide_step,
    commands.ReviseDraft: revise.decide_revise,
    commands.Dispatch: dispatch.decide_dispatch,
    commands.Hold: dispatch.decide_hold,
    commands.EditAllocation: dispatch.decide_edit_allocation,
    commands.CancelAllocation: dispatch.decide_cancel_allocation,
}


def decide(before: Ledger, command: Command, ctx: Context) -> Change:
    return _DECIDE[type(command)](before, command, ctx)
