"""What the native API answers about webhooks, what they were sent, and tasks, as typed dictionaries."""

from typing import Any, Literal, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Webhook(TypedDict):
    """`topics` null: all of the dialect. `secret` only in the answer that made it: it cannot be read again."""

    id: str
    dialect: str
    url: str
    topics: list[str] | None
    headers: dict[str, str]
    settings: dict[str, Any]
    blocking: bool
    active: bool
    failing_since: str | None
    disabled_reason: str | None
    created_at: str
    updated_at: str
    secret: NotRequired[str]


class WebhookList(TypedDict):
    webhooks: list[Webhook]


class Topics(TypedDict):
    """`client_secret`: it signs with the secret of the key that adds the webhook, unless that gives another."""

    dialect: str
    topics: list[str]
    client_secret: bool


class TopicList(TypedDict):
    dialects: list[Topics]


class Attempt(TypedDict):
    """One try: the answer's status and how its body began, or why there was none."""

    at: str
    ms: int
    status: int | None
    response: str
    error: str | None


class Delivery(TypedDict):
    """One message. Its `id` is the same on every try. `body` is the text that was signed and sent."""

    id: str
    webhook_id: str
    event_id: str | None
    order_id: str | None
    topic: str
    test: bool
    state: Literal["pending", "delivered", "failed"]
    body: str
    attempts: list[Attempt]
    created_at: str
    updated_at: str


class DeliveryList(TypedDict):
    deliveries: list[Delivery]
    next_cursor: str | None


# `from` is a word of Python.
Replay = TypedDict("Replay", {"id": str, "from": str, "until": str})


class Task(TypedDict):
    """Something that is due because of a change, set aside after its last try."""

    id: str
    kind: str
    order_id: str
    payload: dict[str, Any]
    attempts: int
    error: str | None
    failed_at: str | None


class TaskList(TypedDict):
    tasks: list[Task]
    next_cursor: str | None


class Retried(TypedDict):
    id: str
