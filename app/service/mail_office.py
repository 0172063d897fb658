"""A tenant's own mail templates: read, written once they render, removed. Exactly once, like the desk."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from app.core.mail_templates import MailTemplate, MailTemplates
from app.core.model import CaseKind
from app.core.refusal import Code, Refusal
from app.service import languages
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply
from app.service.mail import PARTS, BadTemplate, Renderer, Style, Texts
from app.service.mailing import merged
from app.service.writing import Draft, Writer


@dataclass(frozen=True, slots=True)
class InUse:
    """The templates of one kind and language: the tenant's, `own` where there are any, else ours."""

    kind: CaseKind
    language: str
    sources: Texts
    own: MailTemplate | None


Render = Callable[[InUse], str]


class MailOffice:
    def __init__(self, desk: Desk, store: MailTemplates, renderer: Renderer, clock: Clock) -> None:
        self._writer = Writer(desk, clock)
        self._store = store
        self._renderer = renderer
        self._clock = clock

    async def templates(self, tenant_id: str) -> list[InUse]:
        """The tenant's own, and ours in every language that there are words for, by kind and language."""
        own = {(each.kind, each.language): each for each in await self._store.mail_templates(tenant_id)}
        ours = {(kind, language) for kind in CaseKind for language in self._renderer.languages}
        return [self._in_use(kind, language, own.get((kind, language))) for kind, language in sorted({*own, *ours})]

    async def template(self, tenant_id: str, kind: str, language: str) -> InUse:
        """Raises INVALID for what is no kind or no language."""
        kind_, tag = _read(kind, language)
        return self._in_use(kind_, tag, await self._own(tenant_id, kind_, tag))

    async def save(
        self,
        caller: Caller,
        once: Once | None,
        render: Render,
        *,
        kind: str,
        language: str,
        parts: Mapping[str, str | None],
    ) -> Reply:
        """In place of what the tenant had there. Raises INVALID: nothing is given, or a part does not render."""
        kind_, tag = _read(kind, language)
        template = MailTemplate(
            tenant_id=caller.tenant_id, kind=kind_, language=tag, updated_at=self._clock.now(), **parts
        )  # fmt: skip
        await self._check(template)

        async def draft() -> Draft:
            text = render(self._in_use(kind_, tag, template))
            return Draft(text, text, partial(self._store.save_mail_template, template))

        return await self._writer.write(caller, once, draft)

    async def remove(self, caller: Caller, once: Once | None, render: Render, *, kind: str, language: str) -> Reply:
        """From now on it is ours again; where it was already, nothing changes."""
        kind_, tag = _read(kind, language)

        async def draft() -> Draft:
            text = render(self._in_use(kind_, tag, None))
            remove = partial(self._store.remove_mail_template, caller.tenant_id, kind_, tag)
            return Draft(text, text, remove)

        return await self._writer.write(caller, once, draft)

    async def _own(self, tenant_id: str, kind: CaseKind, language: str) -> MailTemplate | None:
        found = await self._store.mail_templates(tenant_id)
        return next((each for each in found if (each.kind, each.language) == (kind, language)), None)

    def _in_use(self, kind: CaseKind, language: str, own: MailTemplate | None) -> InUse:
        return InUse(kind, language, merged(self._renderer.sources(), own), own)

    async def _check(self, template: MailTemplate) -> None:
        missing = [part for part in PARTS if getattr(template, part) is None]
        ours = next(tag for tag in languages.chain(template.language) if tag in self._renderer.languages)
        if len(missing) == len(PARTS):
            raise Refusal(Code.INVALID, field="html", problem="or subject or text must be given")
        if missing and ours != languages.base(template.language):
            problem = f"must be given: there are no words of ours in {template.language}"
            raise Refusal(Code.INVALID, field=missing[0], problem=problem)
        style = Style(words=ours, locale=template.language, shop="Mugs & Co")
        try:
            sources = merged(self._renderer.sources(), template)
            # It may take a second, and others have to go on meanwhile.
            await asyncio.to_thread(self._renderer.check, template.kind, sources, style)
        except BadTemplate as bad:
            raise Refusal(Code.INVALID, field=bad.part, problem=bad.why) from bad


def _read(kind: str, language: str) -> tuple[CaseKind, str]:
    if kind not in {each.value for each in CaseKind}:
        raise Refusal(Code.INVALID, field="kind", problem=f"must be {' or '.join(each.value for each in CaseKind)}")
    tag = languages.read(language)
    if tag is None:
        raise Refusal(Code.INVALID, field="language", problem="is no language tag such as de or pt-BR")
    return CaseKind(kind), tag
