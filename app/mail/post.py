"""The way out: a mail server where there is one, else a folder."""

import asyncio

from app.mail.maildir import Maildir
from app.mail.message import message, needs_utf8
from app.mail.smtp import Smtp
from app.service.mail import Mail, Stamp
from app.service.senders import Mailbox


class Postman:
    def __init__(self, way: Smtp | Maildir) -> None:
        self._way = way

    async def check(self) -> None:
        """Connect to the mail server, if there is one, and log in. Raises Failed with what is wrong."""
        if isinstance(self._way, Smtp):
            await self._way.check()

    async def send(self, mail: Mail, to: Mailbox, stamp: Stamp) -> None:
        content = await asyncio.to_thread(message(mail, to, stamp).as_bytes)
        if isinstance(self._way, Smtp):
            await self._way.deliver(content, mail.sender.address, to.address, utf8=needs_utf8(mail, to))
        else:
            await self._way.deliver(content, stamp)
