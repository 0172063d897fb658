"""Kills processes at random moments under load, and stops some for a while. No test and no fixture is here."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.torture.load import Load
from tests.torture.processes import Program, Site

_LONGEST_PEACE = 0.6
_LONGEST_DOWN = 0.3
_TOGETHER = 0.25
_BEFORE_IT_STARTED = 0.2
_EVERY = 12
"""Kills between two long stops: a short run has none, since each takes its time."""


@dataclass
class Storm:
    """Each kill hits one process, every one of them about as often; sometimes others fall with it.

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
            fallen = self._with_others(victim)
            for program in fallen:
                program.kill()
            time.sleep(self.rng.uniform(0, _LONGEST_DOWN))
            for program in fallen:
                program.start()
            if self.rng.random() >= _BEFORE_IT_STARTED:
                self.site.await_ready(fallen)
        self.site.await_ready()

    def _stop_for_long(self) -> None:
        """As a machine that is moved: it comes back with what others have done meanwhile, and knows nothing of it."""
        program = self.site.programs[-1]
        with program.stopped():
            time.sleep(self.lease + 1)
            self.load.check()

    def _victims(self, kills: int) -> list[Program]:
        programs = self.site.programs
        victims = [programs[n % len(programs)] for n in range(kills)]
        self.rng.shuffle(victims)
        return victims

    def _with_others(self, victim: Program) -> Sequence[Program]:
        others = [program for program in self.site.programs if program is not victim]
        if others and self.rng.random() < _TOGETHER:
            return [victim, self.rng.choice(others)]
        return [victim]
