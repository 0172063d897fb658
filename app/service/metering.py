"""What is worth counting below the web: told to a meter, whoever that counts for. This one counts nothing."""


class Meter:
    """All texts come from fixed sets, so that whoever keeps a number for each of them keeps few."""

    def delivered(self, dialect: str, outcome: str, seconds: float) -> None:
        """One try of one webhook: `delivered`, `failed` (to be tried again) or `lost` (that was the last try)."""

    def answered(self, connector: str, outcome: str) -> None:
        """A call of a warehouse (`asked`, `later`, `failed`), or its answer (`accepted`, `rejected`, `ignored`)."""

    def mailed(self, outcome: str) -> None:
        """One try of one mail: `sent`, `failed` (to be tried again) or `refused` (for good)."""

    def reading(self, change: int) -> None:
        """A live reader came (1) or went (-1)."""

    def dropped(self) -> None:
        """A live reader was too slow."""
