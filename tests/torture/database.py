"""A PostgreSQL that is killed and comes back with its files. No test and no fixture is here."""

import asyncio
import random

import asyncpg

from tests.postgres import Cluster


class Database:
    """Each time it falls in one of the ways that servers do: the postmaster alone, whose children then find out by
    themselves; all at once, as when the power goes; or one child, for which the postmaster takes all others down."""

    name = "PostgreSQL"

    def __init__(self, cluster: Cluster, rng: random.Random) -> None:
        self._cluster = cluster
        self._rng = rng
        self.kills = 0

    def kill(self) -> None:
        way = self._rng.choice(("postmaster", "all", "all", "child"))
        if way == "child":
            self._cluster.crash(self._rng)
        else:
            self._cluster.kill(family=way == "all")
        self.kills += 1

    def start(self) -> None:
        self._cluster.start()

    def ready(self) -> bool:
        """Whether it has recovered: programs may start only then, those that run already have to bear the time."""
        try:
            asyncio.run(_connect(self._cluster.url))
        except (asyncpg.PostgresError, OSError):
            return False
        return True

    def check(self) -> None:
        self._cluster.check()


async def _connect(url: str) -> None:
    await (await asyncpg.connect(url, timeout=2)).close()
