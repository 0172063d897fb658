import base64
import hashlib
import hmac


def verify(secret: str, headers, body: bytes) -> None:
    """Raises ValueError unless the message is ours and whole. The secret is the last part of the key."""
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(expected, headers["X-Shoplazza-Hmac-Sha256"]):
        raise ValueError("signature does not match")
