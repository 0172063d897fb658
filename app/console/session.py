"""Who is signed in: the key itself, sealed with the server's own, in a cookie that no script reads.

Nothing is stored here, so that any process knows any session, and a key that is revoked or expires ends all of its own.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.service.vault import Vault

LIFE = 12 * 3600
"""Seconds from signing in, whatever is done meanwhile."""
_COOKIE = "dragoman_console"
_PURPOSE = "console session"


class Sessions:
    def __init__(self, vault: Vault) -> None:
        # Keys of its own: nothing that was sealed for another purpose is ever taken for a session.
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(key)) for key in vault.derive(_PURPOSE)])

    def begin(self, key: str, *, secure: bool) -> str:
        """The value of `Set-Cookie`."""
        return _cookie(self._fernet.encrypt(key.encode()).decode(), LIFE, secure=secure)

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Of a session that was begun here and is not over."""
        sealed = _given(headers.get(b"cookie", b"").decode("latin-1"))
        if sealed is None:
            return None
        try:
            return self._fernet.decrypt(sealed.encode("latin-1"), ttl=LIFE).decode()
        except InvalidToken:
            return None


def end(*, secure: bool) -> str:
    return _cookie("", 0, secure=secure)


def _cookie(value: str, life: int, *, secure: bool) -> str:
    return f"{_COOKIE}={value}; Path=/console; Max-Age={life}; HttpOnly; SameSite=Strict" + "; Secure" * secure


def _given(cookies: str) -> str | None:
    for each in cookies.split(";"):
        name, _, value = each.strip().partition("=")
        if name == _COOKIE and value:
            return value
    return None
