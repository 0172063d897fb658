"""How much a worker takes on at once, and how long things may take. Times are in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`lease` is longer than any try: after it, another worker takes what this one claimed.

    `look`: how often to look for work that nobody hinted at. `gap`: the least time between two claims of one tenant.
    """

    claimed: int = 100
    held: int = 1_000
    in_flight: int = 256
    per_channel: int = 8
    waiting_per_channel: int = 64
    lease: float = 60.0
    look: float = 2.0
    gap: float = 0.01
    longest_gap: float = 0.5
    finish: float = 15.0
    tries: int = 12
    first_wait: float = 1.0
    longest_wait: float = 3600.0
