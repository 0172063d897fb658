"""Where locations' own systems call back. No key: a call back is signed as the location's connector has it."""

from app.core.refusal import Code, Refusal
from app.dialects.native import bodies_locations, errors, wire
from app.web import reply
from app.web.face import Routes
from app.web.faults import Problem
from app.web.reply import Reply
from app.web.rest import Call, Nothing

routes = Routes()


def _error(problem: Problem) -> Reply:
    """There is no key here that could be wrong."""
    if problem.code is not Code.UNAUTHENTICATED:
        return errors.render(problem)
    return errors.render(problem, "The signature is missing or not valid ({cause}).")


@routes.post(
    "/callbacks/{tenant_id}/{location_id}",
    scope=None,
    body=bodies_locations.CallBackIn,
    answer=wire.CalledBack,
    error=_error,
)
async def call_back(call: Call[bodies_locations.CallBackIn, Nothing]) -> Reply:
    """A location's own system answers a request that it was asked about.

    Signed over the raw body: Standard Webhooks with the location's secret, or as HappyColis does. An answer to a
    decided request changes nothing.
    """
    tenant_id, location_id = call.path["tenant_id"], call.path["location_id"]
    if not all(part.isprintable() and len(part) <= 255 for part in (tenant_id, location_id)):
        raise Refusal(Code.LOCATION_NOT_FOUND)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers.items()}
    requests = await call.services.fulfilment.hear(tenant_id, location_id, headers, call.raw)
    return reply.json({"requests": requests})
