"""One review as every reader gives it and every later step takes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Review:
    """A text with what is known about it.

    Parameters:
        text: the review as a person would read it; never blank.
        label: index into `models.labels.LABELS`; None where the review is unlabelled.
        language: `en` or `zh`; a user's own file may also give `other`.
        corpus: name of the corpus, e.g. `imdb`.
        split: `train`, `dev` or `calibration`.
        source: `file:line` or the archive member, for error messages.
        group: what the corpus groups by (film id, batch id, shop category); empty where it does not.
    """

    text: str
    label: int | None
    language: str
    corpus: str
    split: str
    source: str
    group: str = ""
