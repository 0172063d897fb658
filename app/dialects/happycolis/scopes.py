"""The core's scopes in the partner's words (contract 1.3), and who is asking: a token, or a plain key."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from app.dialects.happycolis.picture import NAME
from app.service.access import KEY_PREFIX, Access, Caller
from app.service.tokens import Bearer, Tokens

# By place: what a caller may see, write, hand to locations, subscribe to.
_WORDS = {
    "read_orders": ("view_orders", "view_delivery_orders"),
    "write_orders": ("create_orders", "edit_orders"),
    "fulfil_orders": ("create_delivery_orders", "edit_delivery_orders"),
    "manage_webhooks": ("edit_integrations",),
}
ALL = tuple(word for held in _WORDS.values() for word in held)


def words(scopes: Iterable[str]) -> tuple[str, ...]:
    """The partner's scopes that the core's amount to, always in the same order."""
    return tuple(word for scope, held in _WORDS.items() if scope in scopes for word in held)


class Callers:
    """Takes an access token, or a key of ours as an integration token (1.1)."""

    def __init__(self, access: Access, tokens: Tokens) -> None:
        self._access = access
        self._tokens = tokens

    async def authenticate(self, text: str | None) -> Caller:
        """Its scopes are the partner's words. A token has no more of them than it was asked for, nor than its client
        has by now. Raises as `Access.authenticate`."""
        if text is None or text.startswith(KEY_PREFIX):
            return _speaking(await self._access.authenticate(text, NAME), None)
        bearer = self._tokens.read(text)
        return _speaking(await self._access.holder(bearer.tenant_id, bearer.credential_id, NAME), bearer)


@lru_cache(maxsize=10_000)
def _speaking(caller: Caller, bearer: Bearer | None) -> Caller:
    spoken = words(caller.scopes)
    if bearer is None:
        return replace(caller, scopes=frozenset(spoken))
    ends = bearer.expires_at if caller.expires_at is None else min(bearer.expires_at, caller.expires_at)
    return replace(caller, scopes=frozenset(spoken).intersection(bearer.scopes), expires_at=ends)
