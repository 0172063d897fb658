"""What happens because of a change, after it: messages to whoever subscribed, and tasks that others know how to do."""

from collections.abc import Mapping
from dataclasses import replace

from app.core.outbox import Outbox
from app.outbox.deliver import Deliverer
from app.outbox.fan_out import Decode, FanOut
from app.outbox.health import Health
from app.outbox.limits import Limits
from app.outbox.purging import Keep, Purging
from app.outbox.replaying import Replaying
from app.outbox.sender import Sender
from app.outbox.worker import Worker
from app.service import outgoing
from app.service.clock import Clock
from app.service.hooks import Hooks
from app.service.metering import Meter
from app.service.signals import Signals
from app.service.vault import Vault
from app.service.work import Handler

__all__ = ["Keep", "Limits", "Purging", "Sender", "Worker", "make_worker"]

_LIMITS = Limits()


def make_worker(
    store: Outbox,
    sender: Sender,
    *,
    hooks: Mapping[str, Hooks],
    vault: Vault,
    signals: Signals,
    clock: Clock,
    decode: Decode,
    handlers: Mapping[str, Handler],
    meter: Meter,
    limits: Limits = _LIMITS,
) -> Worker:
    """Within the event loop that it is to run in. `hooks` by dialect, `handlers` by kind of task; it owns `sender`."""
    # A try must end while its lease still lasts, also when it began halfway through it.
    limits = replace(limits, lease=max(limits.lease, 3 * sender.timeout))
    fan_out = FanOut(store, hooks, decode, limits)
    health = Health(store, hooks)
    return Worker(
        store,
        signals=signals,
        clock=clock,
        fan_out=fan_out,
        deliverer=Deliverer(sender, hooks, vault=vault, health=health, clock=clock, meter=meter),
        handlers={outgoing.REPLAY: Replaying(store, fan_out, clock), **handlers},
        limits=limits,
        close=sender.close,
    )
