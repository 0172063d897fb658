"""Mail templates and previews to native wire shapes. Pure."""

from app.core import times
from app.core.letters import Letter, LetterItem
from app.dialects.native import wire_mail
from app.service.mail import PARTS
from app.service.mail_office import InUse
from app.service.mailing import Preview


def from_template(found: InUse) -> wire_mail.MailTemplate:
    own = found.own
    return {
        "kind": found.kind.value,
        "language": found.language,
        "own": [part for part in PARTS if own is not None and getattr(own, part) is not None],
        "subject": found.sources.subject,
        "html": found.sources.html,
        "text": found.sources.text,
        "updated_at": None if own is None else times.text(own.updated_at),
    }


def from_preview(request_id: str, preview: Preview) -> wire_mail.MailPreview:
    mail, letter = preview.mail, preview.letter
    return {
        "request_id": request_id,
        "kind": letter.kind.value,
        "language": mail.language,
        "from": str(mail.sender),
        "reply_to": mail.reply_to,
        "to": None if mail.to is None else str(mail.to),
        "subject": mail.texts.subject,
        "html": mail.texts.html,
        "text": mail.texts.text,
        "currency": letter.order.currency,
        "items": [_item(item) for item in letter.items],
        "fees": _fees(letter),
        "total": letter.total,
    }


def _item(item: LetterItem) -> wire_mail.MailItem:
    return {
        "sku": item.sku,
        "title": item.title,
        "quantity": item.quantity,
        "amount": item.amount,
        "reason": {"code": item.reason.code, "text": item.reason.text},
    }


def _fees(letter: Letter) -> list[wire_mail.MailFee]:
    return [
        {"fee_id": x.fee.id, "kind": x.fee.kind.value, "title": x.fee.title, "amount": x.amount} for x in letter.fees
    ]
