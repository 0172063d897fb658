"""What a dialect says of its webhooks: which events become which messages, in which words, signed and retried how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.core.ledger import Ledger
from app.core.outbox import Subscription
from app.core.ports import StoredEvent


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event and the order as of it."""

    event: StoredEvent
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Draft:
    """A message of one occasion before it has a receiver. `content` is what the dialect's `body` takes."""

    topic: str
    content: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a message is sent in. `id` is stable over tries and resends; `at` is when the message came to be."""

    id: str
    tenant_id: str
    at: datetime
    subscription: Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One try: the very bytes that go out, the secrets in force (newest first), the time of this try."""

    id: str
    topic: str
    body: bytes
    secrets: Sequence[str]
    at: datetime
    tenant_id: str
    subscription: Subscription


ANY_TEXT = r"[!-~]([ -~]{0,253}[!-~])?"
WHSEC = r"whsec_[A-Za-z0-9+/]{32,86}={0,2}"
"""Standard Webhooks: 24 to 64 bytes in base64. Those that are made here have this form in every dialect."""
DISABLED = "webhook.disabled"


class Hooks(Protocol):
    """`schedule`: seconds before the second, third, … try; a receiver that fails them all has lost the message.

    `disable_after` seconds of nothing but failures the subscription is disabled. `topics` are all there can be; one
    named `webhook.disabled` tells of a subscription that was, its content a mapping. `client_secret`: it signs with
    the secret of the credential that made the subscription, unless that was given another. `secret_form`: a regular
    expression of the secrets that it can sign with.
    """

    topics: tuple[str, ...]
    schedule: tuple[float, ...]
    disable_after: float
    client_secret: bool
    secret_form: str

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        """In the order in which they are sent."""
        ...

    def body(self, draft: Draft, envelope: Envelope) -> bytes: ...

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Signature and whatever else the partner's contract names, Content-Type included."""
        ...
