"""Mail to customers: sent because a commit left a task for it, or shown before anybody sends it."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core import ids
from app.core.letters import Items, Letter, letter, letter_of_case
from app.core.mail_templates import MailTemplate
from app.core.model import CaseKind, Party
from app.core.outbox import Job
from app.core.ports import Ref, Store, Tenant
from app.core.refusal import Code, Refusal
from app.service import languages, senders
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk
from app.service.mail import PARTS, BadTemplate, Mail, Post, Renderer, Stamp, Style, Texts
from app.service.metering import Meter
from app.service.senders import BadSender, Mailbox
from app.service.work import Failed, Handler, Hopeless, Later, refused

log = logging.getLogger("dragoman.mail")

_DIALECT = "mail"
_DOMAIN = "mail.dragoman"
_PATIENCE = timedelta(days=3)
_WAITS = (2.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Preview:
    mail: Mail
    letter: Letter


class Mailing:
    """The handler of the tasks `mail`. `sender` is who a mail is from where the tenant's policy does not say it."""

    def __init__(
        self, desk: Desk, store: Store, renderer: Renderer, post: Post, clock: Clock, *, sender: Mailbox, meter: Meter
    ) -> None:
        self._desk = desk
        self._store = store
        self._renderer = renderer
        self._post = post
        self._clock = clock
        self._sender = sender
        self._meter = meter

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"mail": self.send}

    async def send(self, job: Job) -> None:
        """One mail. Done twice it is one for the reader, too: its Message-ID is the task's."""
        kind, items = _about(job)
        try:
            found = await self._letter(job, kind, items)
            mail = await self._mail(job.tenant_id, found, None)
        except Refusal as no:
            refused(no)
            return
        except (BadTemplate, BadSender) as bad:
            self._meter.mailed("refused")
            raise Hopeless(str(bad)) from None
        if mail.to is not None:
            await self._send(job, mail, mail.to)

    async def preview(self, caller: Caller, case_id: str, language: str | None) -> Preview:
        """Of all units of a case. Raises CASE_NOT_FOUND, CANCELLATION_REFUSED, INVALID (what would stop the mail)."""
        if language is not None and languages.read(language) is None:
            raise Refusal(Code.INVALID, field="language", problem="is no language tag such as de or pt-BR")
        try:
            ledger = await self._desk.read(caller, Ref.through(_DIALECT, "case", case_id))
        except Refusal as no:
            raise Refusal(Code.CASE_NOT_FOUND) if no.code is Code.ORDER_NOT_FOUND else no from no
        case = ledger.cases.get(case_id)
        if case is None:
            raise Refusal(Code.CASE_NOT_FOUND)
        found = letter_of_case(ledger, case)
        try:
            return Preview(await self._mail(caller.tenant_id, found, language), found)
        except BadTemplate as bad:
            raise Refusal(Code.INVALID, field=bad.part, problem=bad.why) from bad
        except BadSender as bad:
            raise Refusal(Code.INVALID, field="customer", problem=str(bad)) from bad

    async def _letter(self, job: Job, kind: CaseKind, items: Items) -> Letter:
        caller = Caller(job.tenant_id, _DIALECT, Party.SELLER, frozenset(), None, None)
        ledger = await self._desk.read(caller, Ref.to_order(_DIALECT, job.order_id))
        found = letter(ledger, kind, items)
        if not found.items:
            raise Hopeless("the task is about nothing in its order")
        return found

    async def _mail(self, tenant_id: str, about: Letter, language: str | None) -> Mail:
        tenant = await self._store.tenant(tenant_id)
        if tenant is None:
            raise Refusal(Code.TENANT_INACTIVE)
        own = {each.language: each for each in await self._store.mail_templates(tenant_id) if each.kind is about.kind}
        asked, sender = language or about.order.language, self._from(tenant)
        chosen, words, locale = choose(asked, tenant.policy.language, own, self._renderer.languages)
        style = Style(words=words, locale=locale, shop=sender.name)
        sources = merged(self._renderer.sources(), own.get(chosen))
        # A tenant's template may take a second, and others have to go on meanwhile.
        texts = await asyncio.to_thread(self._renderer.render, sources, about, style)
        return Mail(
            texts=texts, language=chosen, sender=sender, reply_to=tenant.policy.mail_reply_to, to=_to(about)
        )  # fmt: skip

    def _from(self, tenant: Tenant) -> Mailbox:
        """Under the tenant's own name where nobody gave another."""
        told = senders.sender(tenant.policy.mail_from) if tenant.policy.mail_from else self._sender
        return told if told.name else Mailbox(senders.plain(tenant.name), told.address)

    async def _send(self, job: Job, mail: Mail, to: Mailbox) -> None:
        try:
            await self._post.send(mail, to, Stamp(message_id(job), ids.created_at(job.id)))
        except Hopeless:
            self._meter.mailed("refused")
            raise
        except Failed as failed:
            self._meter.mailed("failed")
            log.warning("a mail could not be sent", extra={"facts": {"task": job.id}})
            age = self._clock.now() - ids.created_at(job.id)
            if age > _PATIENCE:
                raise Hopeless(f"given up after {_PATIENCE.days} days: {failed}") from None
            # Longer each time, without an end to the tries: a mail server may be away for a night.
            raise Later(str(failed), min(max(age.total_seconds() / 2, _WAITS[0]), _WAITS[1])) from None
        self._meter.mailed("sent")


def message_id(job: Job) -> str:
    """The same for every try: a task's id is its own within its tenant. Short enough for a header of one line."""
    tenant = hashlib.sha256(job.tenant_id.encode()).hexdigest()[:12]
    return f"{job.id}.{tenant}@{_DOMAIN}"


def choose(asked: str | None, fallback: str | None, own: Container[str], ours: Container[str]) -> tuple[str, str, str]:
    """The first language of the chain that there is any text in, the one of our words beside it, and the variety of it
    that was asked for, which says how dates and amounts are written.
    """
    tried = list(languages.chain(asked, fallback))
    chosen = next(tag for tag in tried if tag in own or tag in ours)
    words = next(tag for tag in (languages.base(chosen), *tried) if tag in ours)
    varieties = (languages.read(asked), languages.read(fallback))
    locale = next((tag for tag in varieties if tag and languages.base(tag) == languages.base(chosen)), chosen)
    return chosen, words, locale


def merged(ours: Texts, own: MailTemplate | None) -> Texts:
    if own is None:
        return ours
    given = {part: getattr(own, part) for part in PARTS}
    return Texts(**{part: getattr(ours, part) if given[part] is None else given[part] for part in PARTS})


def _to(about: Letter) -> Mailbox | None:
    customer = about.order.customer
    if not customer.email:
        return None
    try:
        return Mailbox(senders.name(customer.name or ""), senders.address(customer.email.strip()))
    except BadSender as bad:
        raise BadSender(f"the customer's name or address {bad}") from None


def _about(job: Job) -> tuple[CaseKind, Items]:
    payload: Mapping[str, Any] = json.loads(job.payload)
    try:
        items = [(str(origin), tuple((int(a), int(b)) for a, b in units)) for origin, units in payload["items"]]
        return CaseKind(payload["kind"]), items
    except (KeyError, TypeError, ValueError) as error:
        raise Hopeless("the task does not say what it is about") from error
