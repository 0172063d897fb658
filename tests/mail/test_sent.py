"""From a commit to the customer: one mail, its structure, and what becomes of those that cannot go out."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.core.aftersales import SendMail
from app.core.model import CaseKind, Customer
from app.core.ports import Store
from app.mail.maildir import Maildir
from app.service.mail import Stamp
from app.service.mailing import message_id
from tests.mail.shop import ADA, Shop, shop, targets_of
from tests.mail.sink import HANG, Sink
from tests.outbox.receiver import Receiver, receiving
from tests.outbox.world import until


async def test_a_cancellation_is_told_once(store: Store, sink: Sink) -> None:
    made = await shop(store, sink)
    order = await made.write_to()
    [job] = await store.claim(made.tenant_id, made.clock.now(), made.clock.now(), 10)
    async with made.working():
        await sink.got(1)
        await made.settled()
    [envelope] = sink.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("orders@example.com", [ADA.email])
    mail = sink.parsed()
    assert mail["From"] == "Test <orders@example.com>"
    assert mail["To"] == "Ada Byron <ada@example.com>"
    assert mail["Subject"] == f"Order {order.number}: items cancelled"
    assert mail["Message-ID"] == f"<{message_id(job)}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert mail["Date"].datetime.timestamp() == pytest.approx(job.due_at.timestamp(), abs=2)
    assert "Reply-To" not in mail
    _has_both_versions(mail, order.number)
    assert made.meter.outcomes[-1:] == [("mail", "sent")]


def _has_both_versions(mail: EmailMessage, number: str) -> None:
    """One text twice, the better version last (RFC 2046, 5.1.4); each with all the facts."""
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in parts} == {"utf-8"}
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"quoted-printable"}
    for part in parts:
        assert isinstance(part, EmailMessage)
        text = part.get_content()
        for fact in (number, "Red mug", "MUG-RED", "€37.50", "Green tea", "€8.00", "Parcel", "€5.95", "€51.45"):
            assert fact in text
        assert "Too late" in text
        assert "Ada Byron" in text


async def test_a_return_in_the_orders_language_from_the_tenant(store: Store, sink: Sink) -> None:
    made = await shop(store, sink)
    await made.under(mail_from="Tassen & Töchter <hallo@tassen.example>", mail_reply_to="hilfe@tassen.example")
    order = await made.place(language="de-AT")
    await made.mail(await made.returned(order), CaseKind.RETURN)
    async with made.working():
        await sink.got(1)
    mail = sink.parsed()
    assert mail["From"] == "Tassen & Töchter <hallo@tassen.example>"
    assert mail["Reply-To"] == "hilfe@tassen.example"
    assert mail["Subject"] == f"Bestellung {order.number}: Rücksendung abgeschlossen"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "2 × Red mug (MUG-RED): €\N{NO-BREAK SPACE}25,00" in text.get_content()


async def test_asked_twice_sent_twice_each_its_own(store: Store, sink: Sink) -> None:
    made = await shop(store, sink)
    await made.mail(await made.cancelled(await made.place()), count=2)
    async with made.working():
        await sink.got(2)
        await made.settled()
    assert len({sink.parsed(n)["Message-ID"] for n in range(2)}) == 2


BAD = {
    Customer(name="Ada\r\nBcc: all@example.com", email="ada@example.com"): "holds a line break or a control character",
    Customer(name="Ada\N{LINE SEPARATOR}x", email="ada@example.com"): "holds a line break or a control character",
    Customer(name="Ada", email="ada@example.com\r\nBcc: all@example.com"): "is no mail address",
    Customer(name="Ada", email="ada"): "is no mail address",
    Customer(name="Ada", email="a@b.example, c@d.example"): "is no mail address",
    Customer(name="Ada", email="<a@b.example>"): "is no mail address",
    Customer(name="x" * 200, email="ada@example.com"): "is longer than 120 characters",
}


async def test_what_cannot_stand_in_a_header_is_set_aside(store: Store, sink: Sink) -> None:
    made = await shop(store, sink)
    orders = {(await made.write_to(customer)).id: wrong for customer, wrong in BAD.items()}
    async with made.working():
        await until(made.idle)
    found = {job.order_id: job.error for job in await made.aside()}
    assert found == {id_: f"the customer's name or address {wrong}" for id_, wrong in orders.items()}
    assert sink.tries == 0


async def _is_aside(made: Shop) -> bool:
    return len(await made.aside()) == 1


async def test_refused_for_good_is_set_aside_and_can_be_tried_anew(store: Store, sink: Sink) -> None:
    sink.answers["RCPT"] = ["550 5.1.1 nobody of this name", "250 ok"]
    made = await shop(store, sink)
    await made.write_to()
    async with made.working():
        await until(lambda: _is_aside(made))
        [job] = await made.aside()
        assert job.error == f"the mail server 127.0.0.1:{sink.port} refuses: 550 5.1.1 nobody of this name"
        await asyncio.sleep(0.2)
        assert sink.tries == 1
        assert await store.retry_task(made.tenant_id, job.id, made.clock.now())
        await sink.got(1)
        await made.settled()
    assert made.meter.outcomes == [("mail", "refused"), ("mail", "sent")]


async def test_refused_for_now_is_tried_again_later(store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.mailing._WAITS", (0.05, 0.1))
    sink.answers["DATA"] = ["451 greylisted", "421 busy", "250 ok"]
    made = await shop(store, sink)
    await made.write_to()
    async with made.working():
        await sink.got(1)
        await made.settled()
    assert sink.tries == 3
    assert await made.aside() == []


async def test_after_days_it_is_given_up(store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.mailing._PATIENCE", timedelta(0))
    sink.answers["DATA"] = ["451 greylisted"]
    made = await shop(store, sink)
    await made.write_to()
    async with made.working():
        await until(lambda: _is_aside(made))
    [job] = await made.aside()
    assert "given up after 0 days" in (job.error or "")


async def test_a_server_that_hangs_delays_no_webhook(store: Store, sink: Sink) -> None:
    """Nor does it fill the worker: mail has one channel, however many tenants there are."""
    sink.answers["MAIL"] = [HANG]
    made = await shop(store, sink, timeout=1.5)
    async with receiving() as receiver:
        subscription = await made.subscribe(receiver.url)
        held = await made.cancelled(await made.place())
        await made.mail(held, count=12)
        async with made.working():
            await until(lambda: _tried(sink))
            before, started = len(await made.log(subscription)), time.monotonic()
            await made.note(held.order.id, "meanwhile")
            await until(lambda: _heard(receiver, "meanwhile"))
            assert time.monotonic() - started < 1.4
            assert sink.tries <= 8
        assert len(await made.log(subscription)) > before


async def _tried(sink: Sink) -> bool:
    return sink.tries > 0


async def _heard(receiver: Receiver, note: str) -> bool:
    return any(json.loads(body)["data"]["note"] == note for body in receiver.bodies)


async def test_without_an_address_there_is_no_mail(store: Store, sink: Sink) -> None:
    made = await shop(store, sink)
    held = await made.cancelled(await made.place(customer=Customer(name="Ada")))
    before = held.order.version
    await made.do(held.order.id, SendMail(kind=CaseKind.CANCEL, targets=targets_of(held)))
    assert (await made.look(held.order.id)).order.version == before
    assert await made.queue() == 0


async def test_without_a_server_it_is_in_a_folder_once(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "box"
    made = await shop(store, folder)
    await made.write_to()
    [job] = await store.claim(made.tenant_id, made.clock.now(), made.clock.now(), 10)
    async with made.working():
        await made.settled()
    [written] = (folder / "new").iterdir()
    assert written.name == message_id(job)
    content = written.read_bytes()
    read = folder / "cur" / f"{written.name}:2,S"
    written.rename(read)
    await Maildir(folder).deliver(b"again", Stamp(message_id(job), made.clock.now()))
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [read.name]
    assert read.read_bytes() == content
    await made.mailing.send(job)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [read.name]


async def test_the_first_mails_make_the_folder_at_once(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for n in range(50):
        folder = tmp_path / str(n) / "not" / "there"
        await asyncio.gather(*(Maildir(folder).deliver(b"mail", Stamp(f"{m}@mail", now)) for m in range(4)))
        assert len(list((folder / "new").iterdir())) == 4


async def test_the_same_task_makes_the_same_bytes(store: Store, sink: Sink) -> None:
    made = await shop(store, sink)
    await made.write_to()
    [job] = await store.claim(made.tenant_id, made.clock.now(), made.clock.now(), 10)
    await made.mailing.send(job)
    await made.mailing.send(job)
    first, second = (envelope.original_content for envelope in sink.received)
    assert first == second
