"""What the native API reads about mail to customers."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from app.service import languages, senders
from app.web.decode import QueryString, StrictBody

_LONGEST = 65_536
_FORM = Field(max_length=320)


def _sender(value: Any) -> Any:
    """As given: only the check is of interest."""
    if isinstance(value, str):
        senders.sender(value)
    return value


def _address(value: Any) -> Any:
    return senders.address(value) if isinstance(value, str) else value


def _language(value: Any) -> Any:
    tag = languages.read(value) if isinstance(value, str) else value
    if tag is None:
        raise ValueError("is no language tag such as de or pt-BR")
    return tag


MailFrom = Annotated[str, BeforeValidator(_sender, json_schema_input_type=str), _FORM]
MailAddress = Annotated[str, BeforeValidator(_address, json_schema_input_type=str), _FORM]
Language = Annotated[str, BeforeValidator(_language, json_schema_input_type=str), Field(max_length=35)]
_Source = Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class MailTemplateIn(StrictBody):
    """Templates in place of ours; null: ours. At least one; all three in a language that we have no words in."""

    subject: _Source | None = None
    html: _Source | None = None
    text: _Source | None = None


class MailQuery(QueryString):
    language: Annotated[str, Field(max_length=35)] | None = None
