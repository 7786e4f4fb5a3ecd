"""How fast the network reads, learned from its batches."""

FIRST_GUESS = 2e-5
"""Seconds a token before any batch was read; the warm-up is not counted, for it compiles."""

MEMORY = 20_000
"""Tokens after which half of what was learned is forgotten."""


class Pace:
    """Seconds a token, over about the last MEMORY tokens. Large batches count more than small ones, as they should:
    what is wanted is the pace of a full queue."""

    def __init__(self) -> None:
        self._tokens = MEMORY / 40  # soon outweighed
        self._seconds = FIRST_GUESS * self._tokens

    def add(self, tokens: int, seconds: float) -> None:
        """Learn from a batch of so many tokens, at least 1, and the seconds that it took."""
        kept = 0.5 ** (tokens / MEMORY)
        self._tokens = kept * self._tokens + tokens
        self._seconds = kept * self._seconds + seconds

    def seconds(self, tokens: int) -> float:
        """Return how long so many tokens will take, about."""
        return tokens * self._seconds / self._tokens
