"""What the native API answers about tenants, locations and credentials, as typed dictionaries."""

from typing import Any, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Location(TypedDict):
    id: str
    name: str
    connector: dict[str, Any] | None
    created_at: str
    updated_at: str


class LocationList(TypedDict):
    locations: list[Location]


class Policy(TypedDict):
    track_inventory: bool
    approve_returns: bool
    restock_on_cancel: bool
    warehouse_deadline: int | None
    on_silence: str
    sync_wait: float | None
    return_window_hours: int | None
    reasons: list[str]
    dispatch_to: str | None
    mail_from: str | None
    mail_reply_to: str | None
    language: str | None


class Tenant(TypedDict):
    id: str
    name: str
    active: bool
    policy: Policy
    created_at: str


class Credential(TypedDict):
    """`key` only in the answer that creates it: it cannot be read again."""

    id: str
    name: str
    party: str
    scopes: list[str]
    dialects: list[str] | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    key: NotRequired[str]


class CredentialList(TypedDict):
    credentials: list[Credential]
