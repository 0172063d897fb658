"""A tenant's mail templates on either engine: plain statements, none of them on the hot path."""

from app.core.mail_templates import MailTemplate
from app.core.model import CaseKind
from app.core.ports import Kept
from app.store.rows import Row
from app.store.sql import Sql

_COLUMNS = "tenant_id, kind, language, subject, html, text, updated_at"
SAVE = f"""
INSERT INTO mail_templates ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, kind, language) DO UPDATE SET subject = excluded.subject, html = excluded.html,
text = excluded.text, updated_at = excluded.updated_at
"""
REMOVE = "DELETE FROM mail_templates WHERE tenant_id = $1 AND kind = $2 AND language = $3"
ALL = f"SELECT {_COLUMNS} FROM mail_templates WHERE tenant_id = $1"


class SqlMailTemplates(Sql):
    async def save_mail_template(self, template: MailTemplate, kept: Kept | None = None) -> None:
        await self.execute(
            SAVE,
            template.tenant_id,
            template.kind.value,
            template.language,
            template.subject,
            template.html,
            template.text,
            self.to_time(template.updated_at),
            replay=self.replay(template.tenant_id, kept),
        )

    async def remove_mail_template(
        self, tenant_id: str, kind: CaseKind, language: str, kept: Kept | None = None
    ) -> None:
        await self.execute(REMOVE, tenant_id, kind.value, language, replay=self.replay(tenant_id, kept))

    async def mail_templates(self, tenant_id: str) -> list[MailTemplate]:
        found = [self._template(row) for row in await self.fetch(ALL, tenant_id)]
        return sorted(found, key=lambda template: (template.kind.value, template.language))

    def _template(self, row: Row) -> MailTemplate:
        return MailTemplate(
            tenant_id=row[0],
            kind=CaseKind(row[1]),
            language=row[2],
            subject=row[3],
            html=row[4],
            text=row[5],
            updated_at=self.at(row[6]),
        )
