"""Where mail goes while there is no mail server: a Maildir, which mail programs open."""

import asyncio
import mailbox
import os
from pathlib import Path

from app.service.mail import Stamp
from app.service.work import Failed


class Maildir:
    """One file for each mail, named after its Message-ID: sent again it is the same file, read or unread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, content: bytes, stamp: Stamp) -> None:
        try:
            await asyncio.to_thread(self._write, content, stamp.message_id)
        except OSError as error:
            raise Failed(f"the mail folder {self._folder} cannot be written: {error.strerror}") from error

    def _write(self, content: bytes, name: str) -> None:
        # Not by `create`: it gives up when another mail makes the same folders at the same time.
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        for made in (self._folder, *(self._folder / part for part in ("tmp", "new", "cur"))):
            made.mkdir(mode=0o700, exist_ok=True)
        if name in mailbox.Maildir(self._folder, create=False):
            return
        written = self._folder / "tmp" / f"{name}.{os.getpid()}"
        with written.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        written.replace(self._folder / "new" / name)
