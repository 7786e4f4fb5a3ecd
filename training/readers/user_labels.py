"""How a user's own labels are understood: by the values that the whole column holds, never by guessing."""

from collections import Counter

from models.labels import NEGATIVE, NEUTRAL, POSITIVE

NAMES = {
    "negative": NEGATIVE, "neg": NEGATIVE,
    "neutral": NEUTRAL, "neu": NEUTRAL,
    "positive": POSITIVE, "pos": POSITIVE,
}  # fmt: skip
TWO = {0: NEGATIVE, 1: POSITIVE}
THREE = {0: NEGATIVE, 1: NEUTRAL, 2: POSITIVE}
SIGNS = {-1: NEGATIVE, 0: NEUTRAL, 1: POSITIVE}
RATINGS = {1: NEGATIVE, 2: NEGATIVE, 3: NEUTRAL, 4: POSITIVE, 5: POSITIVE}
STRAY = 0.05  # share of rows whose label may be something else: they are bad rows; more means another column
EXPECTED = (
    "negative, neutral, positive (or neg, neu, pos); or 0 and 1 (negative, positive); or all of 0, 1 and 2 (negative, "
    "neutral, positive); or -1, 0 and 1; or ratings from 1 to 5 with a 4 or a 5 among them (1-2 negative, 3 neutral, "
    "4-5 positive)"
)


class LabelError(ValueError):
    """The label column can't be understood; the message lists the values that were seen and what is expected."""


def value_of(label: object) -> str:
    """One spelling for one label: `Positive ` -> `positive`, 1, 1.0 and `1.0` -> `1`, None -> an empty string."""
    if label is None:
        return ""
    text = str(label).strip().lower()
    number = _number(text)
    return str(int(number)) if number is not None and number.is_integer() else text


def understand(values: Counter[str], column: str) -> dict[str, int]:
    """What each value of a label column means.

    Parameters:
        values: how often each value (as from `value_of`) stands in the column; empty ones are left out of account.
        column: its name, for the error.
    Returns:
        value -> index into `models.labels.LABELS`; a value that is not in it is a bad label.
    Raises:
        LabelError: no reading fits, or more than one does.
    """
    filled = Counter({value: count for value, count in values.items() if value})
    names = {value for value in filled if value in NAMES}
    numbers = {value: number for value in filled if (number := _number(value)) is not None}
    if names and numbers:
        raise _error(column, filled, "names and numbers are mixed")
    scheme: dict[str, int] = NAMES if names else {str(key): label for key, label in _scale(numbers).items()}
    if not scheme:
        raise _error(column, filled, "these have no one meaning" if numbers else "none of these is a label")
    strays = sum(count for value, count in filled.items() if value not in scheme)
    if strays > STRAY * filled.total():
        raise _error(column, filled, f"{strays} of {filled.total()} rows hold something else than a label")
    return {value: scheme[value] for value in filled if value in scheme}


def _scale(numbers: dict[str, float]) -> dict[int, int]:
    """The one scale that the numbers fit, or an empty one."""
    seen = set(numbers.values())
    if not seen:
        return {}
    if seen in ({0}, {0, 1}):
        return TWO
    if seen == {0, 1, 2}:
        return THREE
    if -1 in seen and seen <= {-1, 0, 1}:
        return SIGNS
    # 1, 2 and 3 alone may as well be three classes counted from one.
    if seen <= {1, 2, 3, 4, 5} and seen & {4, 5}:
        return RATINGS
    return {}


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None  # neither nan nor inf


def _error(column: str, values: Counter[str], why: str) -> LabelError:
    shown = ", ".join(f"{value[:20]!r} ({count})" for value, count in values.most_common(8)) or "nothing"
    more = f" and {len(values) - 8} more" if len(values) > 8 else ""
    return LabelError(f"column {column!r}: {why}. Seen: {shown}{more}. Expected: {EXPECTED}")
