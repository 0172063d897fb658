"""What the native API answers about mail to customers, as typed dictionaries."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class MailTemplate(TypedDict):
    """`own`: the parts that are the tenant's; the others are ours. `updated_at` null: all are ours."""

    kind: str
    language: str
    own: list[str]
    subject: str
    html: str
    text: str
    updated_at: str | None


class MailTemplateList(TypedDict):
    templates: list[MailTemplate]


class MailReason(TypedDict):
    code: str | None
    text: str | None


class MailItem(TypedDict):
    sku: str
    title: str
    quantity: int
    amount: int
    reason: MailReason


class MailFee(TypedDict):
    fee_id: str
    kind: str
    title: str
    amount: int


MailPreview = TypedDict(
    "MailPreview",
    {
        "request_id": str,
        "kind": str,
        "language": str,
        "from": str,
        "reply_to": str | None,
        "to": str | None,
        "subject": str,
        "html": str,
        "text": str,
        "currency": str,
        "items": list[MailItem],
        "fees": list[MailFee],
        "total": int,
    },
)
"""`to` null: the customer has no address, so no mail would go out."""
