"""API keys: made, shown once, stored hashed, recognised within their tenant, refused when expired or revoked."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.core.model import Actor, Party
from app.core.ports import Credential, Kept, Registry
from app.core.refusal import Code, Refusal
from app.service.clock import Clock
from app.service.vault import Vault

SCOPES = ("read_orders", "write_orders", "fulfil_orders", "manage_webhooks", "admin")
KEY_PREFIX = "drg_"
_LONGEST = 512
_CACHED_KEYS = 10_000

_Proof = bytes | tuple[str, str]
"""What somebody is known by: the digest of a key, or, found in something signed here, tenant and credential."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: what a valid key says about its holder."""

    tenant_id: str
    credential_id: str
    party: Party
    scopes: frozenset[str]
    dialects: frozenset[str] | None
    expires_at: datetime | None

    def require(self, scope: str) -> None:
        if scope not in self.scopes:
            raise Refusal(Code.SCOPE_MISSING, scope=scope)

    def actor(self, dialect: str) -> Actor:
        return Actor(self.credential_id, dialect, self.party)


class Access:
    """Turns a key's text into a `Caller`, remembering good ones for `cache_seconds` (0 remembers none)."""

    def __init__(self, registry: Registry, clock: Clock, cache_seconds: float) -> None:
        self._registry = registry
        self._clock = clock
        self._keep = cache_seconds
        self._known: dict[_Proof, tuple[float, Caller]] = {}

    async def authenticate(self, key: str | None, dialect: str) -> Caller:
        """Raises UNAUTHENTICATED with its cause, DIALECT_NOT_ALLOWED or TENANT_INACTIVE."""
        if not key:
            raise _unauthenticated("missing")
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
        return await self._caller(digest, lambda: self._look_up(key), dialect)

    async def holder(self, tenant_id: str, credential_id: str, dialect: str) -> Caller:
        """Of a credential that something signed here names, so that its secret need not be shown. Raises as above."""

        async def look_up() -> Caller:
            return _valid(await self._registry.credential(tenant_id, credential_id))

        return await self._caller((tenant_id, credential_id), look_up, dialect)

    async def _caller(self, proof: _Proof, look_up: Callable[[], Awaitable[Caller]], dialect: str) -> Caller:
        held = self._known.get(proof)
        if held is not None and held[0] > time.monotonic():
            caller = held[1]
        else:
            caller = await look_up()
            self._remember(proof, caller)
        if caller.expires_at is not None and caller.expires_at <= self._clock.now():
            raise _unauthenticated("expired")
        if caller.dialects is not None and dialect not in caller.dialects:
            raise Refusal(Code.DIALECT_NOT_ALLOWED, dialect=dialect)
        return caller

    async def _look_up(self, key: str) -> Caller:
        tenant_id, credential_id, secret = _parse(key)
        credential = await self._registry.credential(tenant_id, credential_id)
        expected = credential.secret_hash if credential else ""
        if credential is None or not hmac.compare_digest(hash_of(secret), expected):
            raise _unauthenticated("unknown")
        return _valid(credential)

    def _remember(self, proof: _Proof, caller: Caller) -> None:
        if len(self._known) >= _CACHED_KEYS:
            self._known.clear()
        self._known[proof] = (time.monotonic() + self._keep, caller)

    def forget(self, credential_id: str) -> None:
        """Called on revocation, so that it holds at once in this process; others follow within `cache_seconds`."""
        self._known = {d: held for d, held in self._known.items() if held[1].credential_id != credential_id}


class Keys:
    """Makes and revokes credentials of one store."""

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        forget: Callable[[str], None] = lambda _: None,
        vault: Vault | None = None,
    ) -> None:
        """Without a vault no partner's contract can sign with the secrets of what is made."""
        self._registry = registry
        self._clock = clock
        self._forget = forget
        self._vault = vault

    async def add(self, tenant_id: str, **facts: Any) -> tuple[Credential, str]:
        """As `make`, and written."""
        credential, key = self.make(tenant_id, **facts)
        await self._registry.add_credential(credential)
        return credential, key

    def make(
        self,
        tenant_id: str,
        *,
        name: str = "",
        party: Party = Party.SELLER,
        scopes: tuple[str, ...] = SCOPES,
        dialects: tuple[str, ...] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[Credential, str]:
        """A credential, not written yet, and its key's text, which cannot be read again."""
        secret = secrets.token_urlsafe(32)
        credential = Credential(
            tenant_id=tenant_id,
            id=secrets.token_hex(8),
            name=name,
            party=party,
            scopes=scopes,
            dialects=dialects,
            secret_hash=hash_of(secret),
            sealed_secret=self._vault.seal(secret) if self._vault is not None else None,
            created_at=self._clock.now(),
            expires_at=expires_at,
        )
        return credential, f"{KEY_PREFIX}{tenant_id}.{credential.id}.{secret}"

    async def revoke(self, tenant_id: str, credential_id: str) -> None:
        """Final; revoking again changes nothing. Raises CREDENTIAL_NOT_FOUND."""
        await self.write_revoked(await self.revoked(tenant_id, credential_id))

    async def revoked(self, tenant_id: str, credential_id: str) -> Credential:
        """The credential as it is once revoked. Raises CREDENTIAL_NOT_FOUND."""
        credential = await self._registry.credential(tenant_id, credential_id)
        if credential is None:
            raise Refusal(Code.CREDENTIAL_NOT_FOUND)
        return replace(credential, revoked_at=credential.revoked_at or self._clock.now())

    async def write_revoked(self, credential: Credential, kept: Kept | None = None) -> None:
        at = credential.revoked_at or self._clock.now()
        await self._registry.revoke_credential(credential.tenant_id, credential.id, at, kept)
        self._forget(credential.id)


def hash_of(secret: str) -> str:
    """A fast hash suffices: the secret has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _parse(key: str) -> tuple[str, str, str]:
    parts = key.removeprefix(KEY_PREFIX).split(".")
    if not key.startswith(KEY_PREFIX) or len(parts) != 3 or len(key) > _LONGEST or not key.isascii():
        raise _unauthenticated("malformed")
    if not key.isprintable():
        raise _unauthenticated("malformed")
    return parts[0], parts[1], parts[2]


def _valid(credential: Credential | None) -> Caller:
    if credential is None:
        raise _unauthenticated("unknown")
    if credential.revoked_at is not None:
        raise _unauthenticated("revoked")
    if not credential.tenant_active:
        raise Refusal(Code.TENANT_INACTIVE)
    return Caller(
        tenant_id=credential.tenant_id,
        credential_id=credential.id,
        party=credential.party,
        scopes=frozenset(credential.scopes),
        dialects=None if credential.dialects is None else frozenset(credential.dialects),
        expires_at=credential.expires_at,
    )


def _unauthenticated(cause: str) -> Refusal:
    return Refusal(Code.UNAUTHENTICATED, cause=cause)
