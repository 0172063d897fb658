"""Kills processes at random moments under load, and stops some for a while. No test and no fixture is here."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.torture.load import Load
from tests.torture.processes import Site, Victim

_LONGEST_PEACE = 0.6
_LONGEST_DOWN = 0.3
_TOGETHER = 0.25
_BEFORE_IT_STARTED = 0.2
_EVERY = 12
"""Kills between two long stops: a short run has none, since each takes its time."""


@dataclass
class Storm:
    """Each kill hits one process, or the database, every one of them about as often; sometimes others fall with it.

    `lease`: seconds after which another worker takes what one held that does not stir.
    """

    site: Site
    load: Load
    rng: random.Random
    lease: float

    def rage(self, kills: int) -> None:
        for n, victim in enumerate(self._victims(kills), start=1):
            if n % _EVERY == 0:
                self._stop_for_long()
            time.sleep(self.rng.uniform(0.02, _LONGEST_PEACE))
            self.site.check()
            self.load.check()
            self._fell(self._with_others(victim))
        self.site.await_ready()

    def _fell(self, fallen: Sequence[Victim]) -> None:
        """The database comes back first: nothing can start without it."""
        if self.site.database in fallen:
            self.site.await_ready(self.site.programs)
        for victim in fallen:
            victim.kill()
        time.sleep(self.rng.uniform(0, _LONGEST_DOWN))
        for victim in sorted(fallen, key=lambda each: each is not self.site.database):
            victim.start()
            if victim is self.site.database:
                self.site.await_ready([victim])
        if self.site.database in fallen or self.rng.random() >= _BEFORE_IT_STARTED:
            self.site.await_ready(fallen)

    def _stop_for_long(self) -> None:
        """As a machine that is moved: it comes back with what others have done meanwhile, and knows nothing of it."""
        program = self.site.programs[-1]
        with program.stopped():
            time.sleep(self.lease + 1)
            self.load.check()

    def _victims(self, kills: int) -> list[Victim]:
        # There is but one database, and most of what can go wrong goes wrong with it.
        victims = [*self.site.victims, *([] if self.site.database is None else [self.site.database])]
        chosen = [victims[n % len(victims)] for n in range(kills)]
        self.rng.shuffle(chosen)
        return chosen

    def _with_others(self, victim: Victim) -> Sequence[Victim]:
        others = [other for other in self.site.victims if other is not victim]
        if others and self.rng.random() < _TOGETHER:
            return [victim, self.rng.choice(others)]
        return [victim]
