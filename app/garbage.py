"""The garbage collector, told what these programs are like: what is there when work begins stays, what work makes goes
by itself, and hardly any of it in circles."""

import gc

_YOUNG = 10_000
"""Objects between two looks: a request makes hundreds, a batch of an import tens of thousands."""


def look_less() -> None:
    """Once everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
