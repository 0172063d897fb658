"""Subscriptions to events: made, read, changed and removed; what they send is the business of `deliveries`.

Whoever changes one gives an idempotency key and a function that renders the answer, as at the `Office`.
"""

import re
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.core.outbox import DeliveryState, Outbox, SealedSecret, Settled, Subscription
from app.core.ports import Kept, Registry
from app.core.refusal import Code, Refusal
from app.service import checks
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply
from app.service.hooks import Hooks
from app.service.outgoing import in_force, job_of
from app.service.vault import Vault
from app.service.writing import Draft, Writer

OVERLAP = timedelta(hours=24)
"""How long a secret that was replaced signs beside the new one."""
MOST = 1_000
"""Subscriptions of one tenant."""
_MOST_SECRETS = 5
_PAGE = 250
_BAD_SECRET = "is not of the form that the dialect signs with"  # noqa: S105 - what is wrong with one

Render = Callable[[Subscription, str | None], str]
"""A subscription, and its new signing secret if it got one that is its own: it cannot be read again."""


@dataclass(frozen=True, slots=True)
class GivenSecret:
    """A signing secret as its receiver gave it, until that time."""

    text: str
    until: datetime | None = None


class Webhooks:
    def __init__(
        self,
        desk: Desk,
        store: Outbox,
        registry: Registry,
        hooks: Mapping[str, Hooks],
        *,
        vault: Vault,
        clock: Clock,
        allow_private: bool = False,
    ) -> None:
        """`hooks` by dialect. `allow_private` also allows plain http."""
        self._writer = Writer(desk, clock)
        self._store = store
        self._registry = registry
        self._hooks = hooks
        self._vault = vault
        self._clock = clock
        self._allow_private = allow_private

    async def subscription(self, tenant_id: str, subscription_id: str, dialect: str | None = None) -> Subscription:
        """Raises SUBSCRIPTION_NOT_FOUND, with a dialect for those of another, too."""
        found = None
        if checks.is_id(subscription_id):
            found = await self._store.subscription(tenant_id, subscription_id)
        if found is None or dialect not in {None, found.dialect}:
            raise Refusal(Code.SUBSCRIPTION_NOT_FOUND)
        return found

    async def subscriptions(self, tenant_id: str, dialect: str | None = None) -> list[Subscription]:
        """Oldest first."""
        found = await self._store.subscriptions(tenant_id)
        return [each for each in found if dialect in {None, each.dialect}]

    async def add(
        self,
        caller: Caller,
        once: Once | None,
        render: Render,
        *,
        dialect: str,
        url: str,
        topics: Sequence[str] = (),
        secret: str | Sequence[GivenSecret] | None = None,
        **facts: Any,
    ) -> Reply:
        """No topics: all there are. Without a secret it signs as the dialect has it: with the client's, or a new one.

        Several secrets sign side by side, newest first. `facts`: headers, settings, blocking, active.
        Raises INVALID for `url`, `topics.N`, `secret`, `secrets.N`, `headers`, `dialect`; DIALECT_NOT_ALLOWED.
        """

        async def draft() -> Draft:
            if len(await self._store.subscriptions(caller.tenant_id)) >= MOST:
                raise Refusal(Code.INVALID, field="url", problem=f"would be more than {MOST} webhooks")
            now = self._clock.now()
            signing, shown = await self._first_secrets(caller, dialect, secret, now)
            subscription = Subscription(
                tenant_id=caller.tenant_id,
                id=self._clock.new_id(now),
                dialect=dialect,
                credential_id=caller.credential_id,
                url=url,
                topics=tuple(dict.fromkeys(topics)),
                secrets=signing,
                created_at=now,
                updated_at=now,
                **facts,
            )
            return self._draft(self._checked(caller, subscription), render, shown)

        return await self._writer.write(caller, once, draft)

    async def edit(
        self,
        caller: Caller,
        once: Once | None,
        render: Render,
        *,
        subscription_id: str,
        dialect: str | None = None,
        changed: Mapping[str, Any],
        rotate: bool = False,
        secret: str | None = None,
    ) -> Reply:
        """`changed`: url, topics, headers, settings, blocking, active.

        Activating one forgets its failures; one that is no longer blocking goes on with what it held.

        With `rotate` it gets `secret`, or a new one; the old ones sign beside it for another 24 hours.
        """

        async def draft() -> Draft:
            held = await self.subscription(caller.tenant_id, subscription_id, dialect)
            now = self._clock.now()
            edited = replace(held, **changed, updated_at=now)
            if edited.active and not held.active:
                edited = replace(edited, failing_since=None, disabled_reason=None)
            shown = self._own_secret(held.dialect, secret) if rotate else None
            if shown is not None:
                edited = replace(edited, secrets=self._rotated(held, shown, now))
            made = self._draft(self._checked(caller, edited), render, shown)
            released = held.blocking and not edited.blocking
            return replace(made, save=partial(self._save_and_release, held, made.save)) if released else made

        return await self._writer.write(caller, once, draft)

    async def _save_and_release(
        self, held: Subscription, save: Callable[[Kept | None], Awaitable[None]], kept: Kept | None
    ) -> None:
        """What was tried before is tried now: if it fails again, it is given up like any other."""
        await save(kept)
        now, before = self._clock.now(), ""
        while page := await self._store.delivery_log(held.tenant_id, held.id, DeliveryState.PENDING, before, _PAGE):
            jobs = [job_of(each, held, now) for each in page if each.attempts]
            if jobs:
                await self._store.settle(held.tenant_id, [Settled(job=job, tried=False, again_at=now) for job in jobs])
            before = page[-1].id

    async def remove(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Subscription], str],
        *,
        subscription_id: str,
        dialect: str | None = None,
    ) -> Reply:
        """What is still on its way to it is dropped."""

        async def draft() -> Draft:
            held = await self.subscription(caller.tenant_id, subscription_id, dialect)
            text = render(held)
            return Draft(text, text, lambda kept: self._store.remove_subscription(held.tenant_id, held.id, kept))

        return await self._writer.write(caller, once, draft)

    def offered(self, caller: Caller) -> Mapping[str, Hooks]:
        """By dialect, those that the key may have webhooks in."""
        return {
            name: hooks
            for name, hooks in sorted(self._hooks.items())
            if caller.dialects is None or name in caller.dialects
        }

    def hooks(self, dialect: str) -> Hooks:
        """Raises INVALID for `dialect`."""
        if dialect not in self._hooks:
            raise Refusal(Code.INVALID, field="dialect", problem="is none that has webhooks")
        return self._hooks[dialect]

    def _draft(self, subscription: Subscription, render: Render, secret: str | None) -> Draft:
        return Draft(
            render(subscription, secret),
            render(subscription, None),
            lambda kept: self._store.save_subscription(subscription, kept),
        )

    def _checked(self, caller: Caller, subscription: Subscription) -> Subscription:
        if caller.dialects is not None and subscription.dialect not in caller.dialects:
            raise Refusal(Code.DIALECT_NOT_ALLOWED, dialect=subscription.dialect)
        checks.check_url(subscription.url, allow_private=self._allow_private)
        checks.check_topics(subscription.topics, self.hooks(subscription.dialect).topics)
        checks.check_headers(subscription.headers)
        return subscription

    async def _first_secrets(
        self, caller: Caller, dialect: str, given: str | Sequence[GivenSecret] | None, now: datetime
    ) -> tuple[tuple[SealedSecret, ...], str | None]:
        """Sealed, and as it is to be shown."""
        if given is None and self.hooks(dialect).client_secret:
            credential = await self._registry.credential(caller.tenant_id, caller.credential_id)
            if credential is not None and credential.sealed_secret is not None:
                return (SealedSecret(credential.sealed_secret),), None
        if given is not None and not isinstance(given, str):
            return self._several(dialect, given, now), None
        own = self._own_secret(dialect, given)
        return (SealedSecret(self._vault.seal(own)),), own

    def _several(self, dialect: str, given: Sequence[GivenSecret], now: datetime) -> tuple[SealedSecret, ...]:
        for n, secret in enumerate(given):
            if not re.fullmatch(self.hooks(dialect).secret_form, secret.text):
                raise Refusal(Code.INVALID, field=f"secrets.{n}", problem=_BAD_SECRET)
            if secret.until is not None and secret.until <= now:
                raise Refusal(Code.INVALID, field=f"secrets.{n}", problem="has expired")
        return tuple(SealedSecret(self._vault.seal(secret.text), secret.until) for secret in given)

    def _own_secret(self, dialect: str, given: str | None) -> str:
        if given is not None and not re.fullmatch(self.hooks(dialect).secret_form, given):
            raise Refusal(Code.INVALID, field="secret", problem=_BAD_SECRET)
        return given or new_secret()

    def _rotated(self, held: Subscription, secret: str, now: datetime) -> tuple[SealedSecret, ...]:
        until = now + OVERLAP
        older = [SealedSecret(old.text, min(old.until or until, until)) for old in in_force(held.secrets, now)]
        return (SealedSecret(self._vault.seal(secret)), *older[: _MOST_SECRETS - 1])


def new_secret() -> str:
    """256 random bits, in the form of Standard Webhooks."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
