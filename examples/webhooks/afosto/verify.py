import hashlib
import hmac


def verify(secret: str, headers, body: bytes) -> None:
    """Raises ValueError unless the message is ours and whole. The secret is the webhook's."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, headers["X-Afosto-Hmac-Sha256"]):
        raise ValueError("signature does not match")
