"""What the contract shows and says of mail to customers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.core import ids
from app.core.letters import Letter, LetterItem
from app.core.mail_templates import MailTemplate
from app.core.model import CaseKind, Order, OrderState, Reason
from app.dialects.native import mapping_mail as mapping
from app.service.mail import Mail, Texts
from app.service.mail_office import InUse
from app.service.mailing import Preview
from app.service.senders import Mailbox

_AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
_ORDER_ID = ids.order_id(_AT, 1 << 40)
_PUT = {"subject": "Storno zu {{ order.number }}", "text": "{{ words.greeting }}\n\n{{ total }}\n"}
_OURS = Texts("{{ words.subject }}\n", "<p>{{ words.intro }}</p> …\n", "{{ words.intro }} …\n")


def _in_use(**own: str) -> Any:
    template = MailTemplate(tenant_id="", kind=CaseKind.CANCEL, language="de", updated_at=_AT, **own) if own else None
    sources = Texts(own.get("subject", _OURS.subject), _OURS.html, own.get("text", _OURS.text))
    return mapping.from_template(InUse(CaseKind.CANCEL, "de", sources, template))


def _preview() -> Any:
    order = Order(
        tenant_id="",
        id=_ORDER_ID,
        number="1001",
        state=OrderState.OPEN,
        version=2,
        currency="EUR",
        prices_include_tax=True,
        track_inventory=True,
        lines=(),
        children=0,
        placed_at=_AT,
        created_at=_AT,
        updated_at=_AT,
    )
    mug = LetterItem(sku="MUG-RED", title="Red mug", quantity=2, amount=2500, reason=Reason("OUT_OF_STOCK", "Sold out"))
    letter = Letter(order=order, kind=CaseKind.CANCEL, items=(mug,), fees=())
    mail = Mail(
        texts=Texts("Order 1001: items cancelled", "<!DOCTYPE html> …", "Hello Ada Byron, …"),
        language="en",
        sender=Mailbox("Mugs & Co", "orders@example.com"),
        reply_to=None,
        to=Mailbox("Ada Byron", "ada@example.com"),
    )
    return mapping.from_preview(ids.child(_ORDER_ID, 5), Preview(mail, letter))


EXAMPLES: Mapping[str, Any] = {
    "preview_mail": {"answer": _preview()},
    "list_mail_templates": {"answer": {"templates": [_in_use(**_PUT)]}},
    "get_mail_template": {"answer": _in_use()},
    "put_mail_template": {"request": _PUT, "answer": _in_use(**_PUT)},
    "remove_mail_template": {"answer": _in_use()},
}

PARAMETERS: Mapping[str, str] = {
    "kind": "What the mail is about: `cancel` or `return`.",
    "language": "A language as BCP 47 writes it, such as `de` or `pt-BR`.",
}
