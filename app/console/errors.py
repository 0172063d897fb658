"""What the console itself refuses, as problem details (RFC 9457). What a dialect answers passes as it is."""

from collections.abc import Mapping

from app.core.refusal import Code, Refusal
from app.web.faults import Fault, FaultCode, Problem, retry_after
from app.web.reply import Reply, json

_TYPE = "application/problem+json"
_ROWS: Mapping[Code | FaultCode, tuple[int, str]] = {
    Code.UNAUTHENTICATED: (401, "Sign in with an API key; this one is {cause}."),
    Code.DIALECT_NOT_ALLOWED: (403, "The console speaks {dialect}, which the key may not be used with."),
    Code.SCOPE_MISSING: (403, "The key lacks the scope {scope}."),
    Code.TENANT_INACTIVE: (403, "The tenant is not active."),
    Code.RATE_LIMITED: (429, "Too many requests; try again in {seconds} s."),
    Code.ORDER_NOT_FOUND: (404, "No such order."),
    Code.CASE_NOT_FOUND: (404, "No such request."),
    Code.INVALID: (422, "{field} {problem}."),
    Code.UNAVAILABLE: (503, "The database cannot be reached; try again."),
    Code.TIMED_OUT: (504, "The database took too long; try again."),
    FaultCode.MALFORMED: (400, "The body is not JSON."),
    FaultCode.NOT_AN_OBJECT: (400, "The body is not a JSON object."),
    FaultCode.INVALID: (422, "The request is not valid."),
    FaultCode.MEDIA_TYPE: (415, "The body must be application/json."),
    FaultCode.TOO_LARGE: (413, "The body is too large."),
    FaultCode.NO_ROUTE: (404, "No such route."),
    FaultCode.METHOD: (405, "The route does not have this method."),
}
_UNEXPECTED = (500, "Something unexpected happened; X-Request-Id names the request in our logs.")


def render(problem: Problem) -> Reply:
    status, text = _ROWS.get(problem.code, _UNEXPECTED)
    facts = problem.facts if isinstance(problem, Refusal) else {}
    fields = [{"field": each.field or "body", "message": each.text} for each in getattr(problem, "details", ())]
    headers = {"Retry-After": retry_after(problem)} if status in {429, 503, 504} else {}
    return _problem(status, problem.code.value, text.format_map(_Facts(facts)), headers, fields)


def foreign() -> Reply:
    return _problem(403, "foreign_origin", "Only the console's own page may ask this.")


def of_others() -> Reply:
    return _problem(
        403,
        "figures_of_others",
        "The figures are of the whole server, which has other tenants, too. Whoever runs it may show them all the "
        "same: DRAGOMAN_CONSOLE_SHARED_HEALTH.",
    )


def missing() -> Reply:
    """Of a file: as a page finds it that is older than the server."""
    return render(Fault(FaultCode.NO_ROUTE))


def _problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, fields: object = None
) -> Reply:
    shown: dict[str, object] = {
        "type": "about:blank",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if fields:
        shown["errors"] = fields
    return json(shown, status, {**(headers or {}), "Cache-Control": "no-store"}, _TYPE)


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "–"
