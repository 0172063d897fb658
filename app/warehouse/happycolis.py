"""The connector `happycolis`: an upstream that speaks HappyColis' API is asked to cancel its order.

It cancels whole orders only, so a case for less is refused here. Its webhooks tell how it went; what they fail to
tell is found by asking again, ever more seldom.
"""

import logging
from collections.abc import Sequence

from app.core.model import Order as OurOrder
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.core.waiting import location_key
from app.service.chance import CHANCE
from app.service.connectors import CallBack, Heard, Question, Unanswered, Word
from app.service.work import Hopeless, Later
from app.warehouse import signing, upstream
from app.warehouse.graph import Graph, Settings
from app.warehouse.settings import CallbackUrl, read_settings
from app.warehouse.upstream import Order, Refused, Request

_SOONEST = 1.0
_SELDOMEST = 3600.0
_PART = 0.5
"""Of the time since the question: so many seconds until it is looked at again."""
_SUBSCRIBE_AGAIN = 600.0

log = logging.getLogger("dragoman.warehouse")


class HappyColis:
    """`callback_url` says where a location's webhooks go, if this server knows its own address."""

    def __init__(self, graph: Graph, callback_url: CallbackUrl) -> None:
        self._graph = graph
        self._callback_url = callback_url
        self._without_requests: set[str] = set()
        self._unsubscribed: dict[str, float] = {}

    async def ask(self, question: Question) -> Sequence[Word]:
        place = question.place
        settings = read_settings(place.settings, Settings)
        left = upstream.left_over(question.ledger, question.case, place.location_id)
        if left:
            return [Word(False, f"This warehouse cancels whole orders only, and {left} more of its units would stay")]
        await self._subscribe(question, settings)
        order = await self._find(question, settings)
        request = await self._request(question, settings, order)
        if request is not None and request.state == "ACCEPTED" and not order.completed:
            order = await self._order(settings, order.id) or order
        word = upstream.decided(order, request)
        if word is None:
            if request is not None:
                await question.notes.forwarded(reference=request.id)
            raise Later("the upstream has not answered yet", _pause(question))
        return [word]

    async def hear(self, call: CallBack) -> Heard:
        settings = read_settings(call.place.settings, Settings)
        if settings.client_secret is None:
            raise Refusal(Code.UNAUTHENTICATED, cause="unknown")
        signing.check_happycolis(settings.client_secret, call.headers, call.body)
        try:
            message = upstream.read_message(call.body)
        except Unanswered as error:
            raise Refusal(Code.INVALID, field="body", problem=str(error)) from error
        names = (location_key(call.place.location_id), "happycolis")
        return Heard(
            id=message.header.messageId,
            orders=[Ref(None, name, "order", key) for key in message.orders for name in names],
            word=message.word,
            units=message.units,
        )

    async def _find(self, question: Question, settings: Settings) -> Order:
        """The upstream's order. Its id is written down first: a webhook may be faster than the answer."""
        ours, location = question.ledger.order, question.place.location_id
        known = ours.keys.get(location_key(location))
        order = await self._order(settings, known or ours.keys.get("happycolis"))
        if order is None:
            order = await self._by_number(settings, ours)
        if order.id != known:
            await question.notes.forwarded(order_key=order.id)
        return order

    async def _order(self, settings: Settings, id_: str | None) -> Order | None:
        if id_ is None:
            return None
        try:
            found: Order | None = await self._graph.call(settings, upstream.BY_ID, {"id": id_})
        except Refused as refused:
            if refused.code != upstream.NOT_FOUND:
                raise
            return None
        return found

    async def _by_number(self, settings: Settings, ours: OurOrder) -> Order:
        if settings.tp_app_id is None:
            raise Hopeless("the order has no key of the upstream, and the location no tp_app_id to find it by number")
        reference = {"externalReference": ours.number, "tpAppId": settings.tp_app_id}
        found: Order | None = await self._graph.call(settings, upstream.BY_REFERENCE, {"reference": reference})
        if found is None:
            raise Unanswered("NOT_FOUND: the upstream has no such order", alive=True)
        return found

    async def _request(self, question: Question, settings: Settings, order: Order) -> Request | None:
        """The upstream's request: made if there is none yet, else as it stands, None if that cannot be read."""
        if question.ask.reference is None:
            return None if order.completed else await self._cancel(question, settings, order)
        if settings.url in self._without_requests:
            return None
        variables = {"id": question.ask.reference}
        try:
            found: Request | None = await self._graph.call(settings, upstream.REQUEST, variables)
        except Refused as refused:
            if not refused.no_such_field:
                raise
            self._without_requests.add(settings.url)
            return None
        return found

    async def _cancel(self, question: Question, settings: Settings, order: Order) -> Request:
        variables = {"id": order.id}
        made: Request | None = await self._graph.call(settings, upstream.CANCEL, variables, question.key)
        if made is None:
            raise Unanswered("the upstream made no request")
        return made

    async def _subscribe(self, question: Question, settings: Settings) -> None:
        """To the upstream's webhooks, once; where that fails the question is asked all the same, and polled."""
        place, url = question.place, self._callback_url(question.place)
        missing = [kind for kind in upstream.EVENTS if kind not in settings.webhooks]
        since = self._unsubscribed.get(place.location_id)
        tired = since is not None and place.now.timestamp() - since < _SUBSCRIBE_AGAIN
        if url is None or settings.client_secret is None or not settings.register_webhooks or not missing or tired:
            return
        made: dict[str, str] = {}
        try:
            for kind in missing:
                subscribed = await self._graph.call(
                    settings, upstream.SUBSCRIBE, {"input": {"endPoint": url, "type": kind}}
                )
                if subscribed is None:
                    raise Unanswered("the upstream made no subscription")
                made[kind] = subscribed.id
        except Unanswered as error:
            self._unsubscribed[place.location_id] = place.now.timestamp()
            log.warning("no webhooks", extra={"facts": {"location_id": place.location_id, "why": str(error)}})
        if made:
            await question.notes.learned({"webhooks": {**settings.webhooks, **made}})


def _pause(question: Question) -> float:
    """A part of the time that the question is old, so that a slow warehouse is asked ever more seldom."""
    age = (question.place.now - question.case.created_at).total_seconds()
    return min(max(age * _PART, _SOONEST), _SELDOMEST) * CHANCE.uniform(0.9, 1.1)
