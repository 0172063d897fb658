"""What a mail would say, at every step of a cancellation and a return; nothing is sent."""

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn, TakeStep
from app.core.ledger import Ledger
from app.core.messages import Cancel, Fulfil, Target
from app.core.model import Scope, Step
from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.mail.post import Postman
from app.mail.server import read_url
from app.mail.smtp import Smtp
from tests.mail.shop import LATE, Shop, shop, targets_of
from tests.mail.sink import Sink
from tests.outbox.world import until


async def _said(made: Shop, held: Ledger) -> tuple[str, int, list[tuple[str, int]]]:
    preview = await made.mailing.preview(made.caller, held.order.cases[0].id, None)
    return preview.letter.kind.value, preview.letter.total, [(x.sku, x.quantity) for x in preview.letter.items]


@pytest.mark.parametrize("kind", ["cancel", "return"])
async def test_at_every_step(store: Store, sink: Sink, kind: str) -> None:
    made = await shop(store, sink)
    order = await made.place(language="nl")
    target = Target(ref=order.lines[0].id, units=u.of([2, 3]))
    if kind == "return":
        await made.do(order.id, Fulfil())
        held = await made.do(order.id, AnnounceReturn(targets=(target,), reason=LATE))
        steps: tuple[Step, ...] = (Step.RECEIVED, Step.APPROVED, Step.FINISHED)
    else:
        held = await made.do(order.id, Cancel(scope=Scope.LINES, targets=(target,), reason=LATE, stepwise=True))
        steps = (Step.APPROVED, Step.FINISHED)
    expected = (kind, 2500, [("MUG-RED", 2)])
    assert await _said(made, held) == expected
    for step in steps:
        held = await made.do(order.id, TakeStep(step=step, targets=targets_of(held)))
        assert await _said(made, held) == expected
    preview = await made.mailing.preview(made.caller, held.order.cases[0].id, None)
    assert (preview.mail.language, str(preview.mail.to)) == ("nl", "Ada Byron <ada@example.com>")
    assert "Beste Ada Byron" in preview.mail.texts.html
    assert (await made.queue(), sink.tries) == (0, 0)
    with pytest.raises(Refusal) as refused:
        await made.mailing.preview(made.caller, order.id, None)
    assert refused.value.code is Code.CASE_NOT_FOUND


async def test_a_template_that_has_become_wrong_is_named(store: Store, sink: Sink) -> None:
    """One that rendered when it was kept may not render with the facts of every order."""
    made = await shop(store, sink)
    held = await made.cancelled(await made.place(fees=(), language="de"), fees=False)
    fees = "\n{% for item in items %}{% if item.sku == 'TEA-GREEN' %}{{ fees[0].title }}{% endif %}{% endfor %}"
    parts = {"subject": None, "html": fees, "text": None}
    await made.office.save(made.caller, None, lambda _: "", kind="cancel", language="de", parts=parts)
    with pytest.raises(Refusal) as refused:
        await made.mailing.preview(made.caller, held.order.cases[0].id, None)
    assert refused.value.facts == {"field": "html", "problem": "line 2: there is no 0 here"}
    await made.mail(held)
    async with made.working():
        await until(made.idle)
    [job] = await made.aside()
    assert job.error == "html: line 2: there is no 0 here"
    await made.office.remove(made.caller, None, lambda _: "", kind="cancel", language="de")
    assert await store.retry_task(made.tenant_id, job.id, made.clock.now())
    async with made.working():
        await sink.got(1)
        await made.settled()
    assert sink.parsed()["Content-Language"] == "de"


async def test_a_password_is_nowhere(store: Store, sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    made = await shop(store, sink)
    url = f"smtp://shop:hunter2@127.0.0.1:{sink.port}?starttls=off"
    made.post(Postman(Smtp(read_url(url), timeout=5.0)))
    await made.write_to()
    caplog.set_level("DEBUG", "dragoman")
    async with made.working():
        await until(lambda: _has_failed(made))
    told = [str(vars(record)) for record in caplog.records if record.name.startswith("dragoman")]
    assert any("a mail could not be sent" in text for text in told)
    assert not any("hunter2" in text or "ada@example.com" in text for text in told)


async def _has_failed(made: Shop) -> bool:
    return ("mail", "failed") in made.meter.outcomes
