"""How the tables of bench/serve.py put a figure."""

from collections.abc import Sequence
from statistics import median


def spread(values: Sequence[float], digits: int) -> str:
    """`2.40 (2.31 – 2.52)`: the median, and the least and most where there are several."""
    middle = f"{median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.{digits}f} – {max(values):,.{digits}f})"


def met(yes: bool) -> str:
    """Whether a figure is what was asked for."""
    return "yes" if yes else "**no**"
