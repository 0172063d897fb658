"""Whether it is the console's own page that asks: beside the cookie's SameSite, which not every browser keeps to.

https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from collections.abc import Mapping

from starlette.types import Scope

MARK = b"x-dragoman-console"
"""A header that no form sends, and no page of another origin without being allowed to, which nobody is."""
_READING = {"GET", "HEAD"}
_OWN = {b"same-origin", b"none"}
_HTTPS = "https"


def is_own(scope: Scope, headers: Mapping[bytes, bytes], public_url: str) -> bool:
    if headers.get(b"sec-fetch-site", b"none") not in _OWN:
        return False
    if scope["method"] in _READING:
        return True
    if headers.get(MARK) != b"1":
        return False
    origin = headers.get(b"origin")
    return origin is None or origin.decode("latin-1") in _origins(headers, public_url)


def is_secure(scope: Scope, headers: Mapping[bytes, bytes], public_url: str) -> bool:
    """Whether a browser reaches us by https. What a proxy says of it can make a cookie stricter, never laxer."""
    forwarded = headers.get(b"x-forwarded-proto", b"").decode("latin-1")
    return _HTTPS in {scope["scheme"], forwarded} or public_url.startswith(f"{_HTTPS}:")


def base_url(scope: Scope, headers: Mapping[bytes, bytes], public_url: str) -> str:
    """Where whoever asks reaches this server."""
    if public_url:
        return public_url
    scheme = _HTTPS if is_secure(scope, headers, public_url) else "http"
    return f"{scheme}://{headers.get(b'host', b'localhost').decode('latin-1')}"


def _origins(headers: Mapping[bytes, bytes], public_url: str) -> set[str]:
    """The host as it was asked for; behind a proxy that changes it, as the operator says it is."""
    host = headers.get(b"host", b"").decode("latin-1")
    return {f"http://{host}", f"{_HTTPS}://{host}", "/".join(public_url.split("/", 3)[:3])}
