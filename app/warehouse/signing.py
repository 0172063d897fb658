"""Signatures: Standard Webhooks for our own JSON, plain HMAC as HappyColis has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from app.core.refusal import Code, Refusal

_TOLERANCE = 300.0
"""Seconds that a message may be old, or ahead of us."""
_PREFIX = "whsec_"


def standard_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_standard(secret, message_id, stamp, body)}",
    }


def check_standard(secret: str, headers: Mapping[str, str], now: datetime, body: bytes) -> str:
    """The message's id. Raises UNAUTHENTICATED: unsigned, signed otherwise, or too long ago."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split(" ")
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise _unsigned("missing")
    if abs(now.timestamp() - int(stamp)) > _TOLERANCE:
        raise _unsigned("expired")
    expected = f"v1,{_standard(secret, message_id, stamp, body)}".encode()
    if not any(hmac.compare_digest(expected, each.encode("utf-8", "surrogateescape")) for each in given):
        raise _unsigned("unknown")
    return message_id


def check_happycolis(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Over the very bytes that came, keyed with the client's secret (contract 4.5). Raises UNAUTHENTICATED."""
    given = headers.get("x-happycolis-webhook-signature", "")
    if not given:
        raise _unsigned("missing")
    expected = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    if not hmac.compare_digest(expected, given.encode("utf-8", "surrogateescape")):
        raise _unsigned("unknown")


def _standard(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    signed = f"{message_id}.{stamp}.".encode("utf-8", "surrogateescape") + body
    return base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    text = secret.removeprefix(_PREFIX)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return secret.encode()


def _unsigned(cause: str) -> Refusal:
    return Refusal(Code.UNAUTHENTICATED, cause=cause)
