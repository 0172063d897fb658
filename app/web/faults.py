"""What can be wrong with a request before any command comes of it; with `Refusal` all that a face has to word."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.refusal import Refusal


class FaultCode(StrEnum):
    MALFORMED = "malformed_body"
    NOT_AN_OBJECT = "body_not_an_object"
    INVALID = "invalid_request"
    MEDIA_TYPE = "unsupported_media_type"
    TOO_LARGE = "body_too_large"
    NO_ROUTE = "no_such_route"
    METHOD = "method_not_allowed"
    INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is wrong: `field` is dotted (`lines.0.quantity`), `where` is body, query, path or header.

    `kind` is pydantic's error type, or `value`; `wrong_type` tells a wrong JSON type from a wrong value.
    """

    field: str
    text: str
    kind: str = "value"
    where: str = "body"

    @property
    def wrong_type(self) -> bool:
        return self.kind.endswith("_type") or self.kind.endswith("_parsing") or self.kind == "is_instance_of"


class Fault(Exception):  # noqa: N818 - like a refusal, an answer
    def __init__(self, code: FaultCode, *details: Detail, allow: str | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.details = details
        self.allow = allow


Problem = Refusal | Fault


def retry_after(problem: Problem) -> str:
    """Seconds, for a problem that passes."""
    return str(problem.facts.get("seconds", 1)) if isinstance(problem, Refusal) else "1"
