"""The one route on webhooks that Convictional is known to have (contract 4.5, public docs (client))."""

from app.core import times
from app.core.outbox import Subscription
from app.dialects.convictional import bodies, versions, wire
from app.dialects.convictional.chain import NAME
from app.service.webhooks import GivenSecret
from app.web.face import Routes
from app.web.reply import Reply, json, pack, unpack
from app.web.rest import Call, Nothing

routes = Routes()


@routes.post("/webhooks", scope="manage_webhooks", body=bodies.WebhookIn, answer=wire.Webhook)
async def create_webhook(call: Call[bodies.WebhookIn, Nothing]) -> Reply:
    """Have what happens to orders sent to a URL.

    Enabled at once. The orders that are sent have the version of the format that this request asks for. The secrets
    sign side by side, each until it expires; none is shown again.
    """
    call.caller.require("read_orders")  # whoever may not read orders has none sent either
    body = call.body
    stored = await call.services.webhooks.add(
        call.caller,
        call.once,
        lambda subscription, _: pack(json(_shown(subscription))),
        dialect=NAME,
        url=body.target_url,
        topics=body.topics,
        secret=[GivenSecret(given.secret, given.expires_date) for given in body.secrets],
        settings={
            "version": versions.asked(call.headers),
            "limiterRate": body.limiter_rate,
            "limiterBurst": body.limiter_burst,
        },
    )
    return unpack(stored)


def _shown(subscription: Subscription) -> wire.Webhook:
    rate, burst = (subscription.settings.get(name) for name in ("limiterRate", "limiterBurst"))
    return {
        "_id": subscription.id,
        "targetUrl": subscription.url,
        "topics": list(subscription.topics),
        "secrets": [{"expiresDate": times.maybe_text(secret.until)} for secret in subscription.secrets],
        "limiterRate": rate if isinstance(rate, int) else None,
        "limiterBurst": burst if isinstance(burst, int) else None,
        "enabled": subscription.active,
        "created": times.text(subscription.created_at),
        "updated": times.text(subscription.updated_at),
    }
