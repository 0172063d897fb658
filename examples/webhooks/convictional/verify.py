import hashlib
import hmac
import time


def verify(secret: str, headers, body: bytes, tolerance: int = 300) -> None:
    """Raises ValueError unless the message is ours, whole and not old. There is a signature for each secret."""
    sent_at, *signatures = headers["Convictional-Signature"].split(",")
    expected = hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected, given) for given in signatures):
        raise ValueError("signature does not match")
    if abs(time.time() - int(sent_at)) > tolerance:
        raise ValueError("too old")
