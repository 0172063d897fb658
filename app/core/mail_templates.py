"""A tenant's own texts for mail to its customers, and what the store does with them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from app.core.model import CaseKind

if TYPE_CHECKING:  # `Store`, which is declared there, includes what is declared here
    from app.core.ports import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTemplate:
    """Sources in place of ours; None: ours. `language` is a BCP 47 tag as `app.service.languages` writes it."""

    tenant_id: str
    kind: CaseKind
    language: str
    subject: str | None = None
    html: str | None = None
    text: str | None = None
    updated_at: datetime


class MailTemplates(Protocol):
    async def save_mail_template(self, template: MailTemplate, kept: "Kept | None" = None) -> None: ...

    async def remove_mail_template(
        self, tenant_id: str, kind: CaseKind, language: str, kept: "Kept | None" = None
    ) -> None: ...

    async def mail_templates(self, tenant_id: str) -> list[MailTemplate]:
        """By kind and language."""
        ...
