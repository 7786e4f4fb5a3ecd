"""Windows of rows in, verdicts out: one for each row, through the same Predictor as the API."""

from models.predictor import Predictor
from models.text import TextError, check_text
from service.tables.table import Row, Verdict, Window, kind_of


def score(window: Window, predictor: Predictor, batch_size: int) -> list[Verdict]:
    """Scores the rows that hold a text and says of each other row why it doesn't.

    Parameters: `batch_size`, at most how many texts pass through the network together.
    Returns one verdict for each row, in order.
    """
    faults = [_fault(row) for row in window.rows]
    texts = [str(row.text) for row, fault in zip(window.rows, faults, strict=True) if fault is None]
    predictions = iter(predictor.predict(texts, batch_size))
    verdicts = []
    for fault in faults:
        if fault is None:
            found = next(predictions)
            verdicts.append(Verdict(found.label, found.score, found.probabilities))
        else:
            verdicts.append(Verdict(error=fault))
    return verdicts


def _fault(row: Row) -> str | None:
    """Why the row can't be scored, or None. Never holds anything of the text."""
    if row.fault is not None:
        return row.fault
    if not isinstance(row.text, str):
        return f"the text is {kind_of(row.text)}; expected a string"
    try:
        check_text(row.text)
    except TextError as error:
        return str(error)
    return None
