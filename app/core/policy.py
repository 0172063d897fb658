"""What a tenant may choose. Read with every command, so a change holds for the next request."""

from dataclasses import dataclass
from enum import StrEnum


class OnSilence(StrEnum):
    """What happens when a warehouse has not answered by its deadline."""

    WAIT = "wait"
    ACCEPT = "accept"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Deadlines and waits are in seconds, the return window in hours; None means none, for `sync_wait` the server's.

    An empty `reasons` allows every reason code. `dispatch_to` is the location that gets the units of an order that is
    dispatched by itself. `mail_from` (`Name <address>`, or an address alone) and `mail_reply_to` are for mail to
    customers, `language` is that of a mail about an order that names none.
    """

    track_inventory: bool = True
    approve_returns: bool = True
    restock_on_cancel: bool = False
    warehouse_deadline: int | None = None
    on_silence: OnSilence = OnSilence.WAIT
    sync_wait: float | None = None
    return_window_hours: int | None = None
    reasons: tuple[str, ...] = ()
    dispatch_to: str | None = None
    mail_from: str | None = None
    mail_reply_to: str | None = None
    language: str | None = None
