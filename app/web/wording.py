"""What every dialect's sentences need, whatever they say."""


class Facts(dict[str, object]):
    """A fact that a refusal does not carry reads as a dash, rather than failing an answer."""

    def __missing__(self, key: str) -> str:
        return "–"
