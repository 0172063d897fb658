"""Native routes on mail to customers: the tenant's templates, and what a mail about a request says."""

from typing import Any

from app.dialects.native import bodies_mail, mapping_mail, wire_mail
from app.service.mail_office import InUse
from app.web.face import Routes
from app.web.reply import Reply, json, pack, unpack
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


def _packed(found: InUse) -> str:
    return pack(json(mapping_mail.from_template(found)))


@routes.get(
    "/requests/{request_id}/mail", scope="read_orders", query=bodies_mail.MailQuery, answer=wire_mail.MailPreview
)
async def preview_mail(call: Call[Nothing, bodies_mail.MailQuery]) -> Reply:
    """What a mail to the customer about all of a request says. Nothing is sent.

    Whatever would keep the mail from going out is refused with 422.
    """
    request_id = call.path["request_id"]
    found = await call.services.mailing.preview(call.caller, request_id, call.query.language)
    return json(mapping_mail.from_preview(request_id, found))


@routes.get("/mail/templates", scope="admin", answer=wire_mail.MailTemplateList)
async def list_mail_templates(call: _Call) -> Reply:
    """The templates of all kinds and languages that there are, the tenant's own and ours."""
    found = await call.services.mail_office.templates(call.caller.tenant_id)
    return json({"templates": [mapping_mail.from_template(each) for each in found]})


@routes.get("/mail/templates/{kind}/{language}", scope="admin", answer=wire_mail.MailTemplate)
async def get_mail_template(call: _Call) -> Reply:
    """The templates of a kind and a language; where the tenant has none, ours, to begin with."""
    path = call.path
    found = await call.services.mail_office.template(call.caller.tenant_id, path["kind"], path["language"])
    return json(mapping_mail.from_template(found))


@routes.put(
    "/mail/templates/{kind}/{language}",
    scope="admin",
    body=bodies_mail.MailTemplateIn,
    answer=wire_mail.MailTemplate,
)
async def put_mail_template(call: Call[bodies_mail.MailTemplateIn, Nothing]) -> Reply:
    """Replace the tenant's templates of a kind and a language.

    A template that cannot be rendered is refused with 422, which names its line; then nothing is changed.
    """
    stored = await call.services.mail_office.save(
        call.caller,
        call.once,
        _packed,
        kind=call.path["kind"],
        language=call.path["language"],
        parts=call.body.model_dump(),
    )
    return unpack(stored)


@routes.delete("/mail/templates/{kind}/{language}", scope="admin", answer=wire_mail.MailTemplate)
async def remove_mail_template(call: _Call) -> Reply:
    """Go back to our templates, which are the answer. Where there are no others it changes nothing."""
    stored = await call.services.mail_office.remove(
        call.caller, call.once, _packed, kind=call.path["kind"], language=call.path["language"]
    )
    return unpack(stored)
