"""Short-lived tokens that a credential is exchanged for: signed access tokens (JWT), sealed refresh tokens.

Nothing is stored. A token says which credential it stands for; whether that is still valid is looked up at every use.
"""

import json
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.core.refusal import Code, Refusal
from app.service.clock import Clock
from app.service.vault import Vault

_ALGORITHM = "HS256"
_CLIENT = "client://"
_LONGEST = 8192
_REMEMBERED = 10_000
# Ours is the clock, and whose organization it is for is what we want to know from it.
_OPTIONS: Any = {
    "require": ["iss", "aud", "sub", "exp", "scope"],
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a token says: whom it stands for, what it may do (in the words of its dialect), until when."""

    tenant_id: str
    credential_id: str
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    access_token: str
    refresh_token: str
    lifetime: int


class Tokens:
    """Of one dialect: another's are worth nothing here. Lifetimes in seconds."""

    def __init__(
        self, vault: Vault, clock: Clock, dialect: str, *, lifetime: int = 3600, refresh_lifetime: int = 86_400
    ) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._refresh_lifetime = refresh_lifetime
        self._keys = vault.derive(f"access tokens of {dialect}")
        sealing = vault.derive(f"refresh tokens of {dialect}")
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(key)) for key in sealing])
        self._read: OrderedDict[str, Bearer] = OrderedDict()

    def issue(self, tenant_id: str, credential_id: str, scopes: Sequence[str]) -> Issued:
        now = self._clock.now()
        claims = {
            "iss": self._clock.new_id(now),
            "aud": tenant_id,
            "sub": _CLIENT + credential_id,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + self._lifetime,
            "scope": " ".join(scopes),
        }
        until = now + timedelta(seconds=self._refresh_lifetime)
        held = [tenant_id, credential_id, list(scopes), int(until.timestamp())]
        return Issued(
            jwt.encode(claims, self._keys[0], _ALGORITHM),
            self._fernet.encrypt(json.dumps(held).encode()).decode(),
            self._lifetime,
        )

    def read(self, token: str) -> Bearer:
        """Of an access token. Raises UNAUTHENTICATED."""
        bearer = self._read.get(token)
        if bearer is None:
            bearer = self._read[token] = self._verified(token)
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        return self._in_time(bearer)

    def renew(self, refresh_token: str) -> Bearer:
        """Of a refresh token. Raises UNAUTHENTICATED."""
        try:
            held = self._fernet.decrypt(refresh_token.encode("utf-8", "surrogateescape"))
        except InvalidToken:
            raise _no("unknown") from None
        tenant_id, credential_id, scopes, until = json.loads(held)
        return self._in_time(Bearer(tenant_id, credential_id, tuple(scopes), datetime.fromtimestamp(until, UTC)))

    def _verified(self, token: str) -> Bearer:
        if len(token) > _LONGEST:
            raise _no("malformed")
        for key in self._keys:
            try:
                claims = jwt.decode(token, key, [_ALGORITHM], _OPTIONS)
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, UnicodeError):
                raise _no("malformed") from None
            until = datetime.fromtimestamp(claims["exp"], UTC)
            scopes = tuple(claims["scope"].split())
            return Bearer(claims["aud"], claims["sub"].removeprefix(_CLIENT), scopes, until)
        raise _no("unknown")

    def _in_time(self, bearer: Bearer) -> Bearer:
        if bearer.expires_at <= self._clock.now():
            raise _no("expired")
        return bearer


def _no(cause: str) -> Refusal:
    return Refusal(Code.UNAUTHENTICATED, cause=cause)
