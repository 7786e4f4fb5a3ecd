"""Figures from probabilities and labels: accuracy, F1, calibration. scikit-learn's wherever it has them.

Shapes: probabilities (N,C) in the order of LABELS, labels (N,) as indices into LABELS.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, brier_score_loss, confusion_matrix, f1_score, log_loss

from models.labels import LABELS, NEGATIVE, NEUTRAL, POSITIVE

BINS = 15
"""Bins of equal width between 0 and 1, as Guo et al. (2017) have them."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_ALL = list(range(len(LABELS)))


def is_two_class(labels: Ints) -> bool:
    """Whether no label is neutral: then the answer is the likelier of negative and positive."""
    return not bool((labels == NEUTRAL).any())


def answers(probabilities: Floats, two_class: bool) -> Ints:
    """The likeliest label (N,); with `two_class` the likelier of negative and positive."""
    if two_class:
        return np.where(probabilities[:, POSITIVE] > probabilities[:, NEGATIVE], POSITIVE, NEGATIVE)
    return probabilities.argmax(axis=1)


def accuracy_and_f1(labels: Ints, answered: Ints) -> dict[str, float]:
    """`accuracy`, and `macro_f1` over the classes that stand in either; both 0 to 1."""
    return {
        "accuracy": float(accuracy_score(labels, answered)),
        "macro_f1": float(f1_score(labels, answered, average="macro")),
    }


def confusion(labels: Ints, answered: Ints) -> list[list[int]]:
    """Counts (C,C): a row for each true label, a column for each answer."""
    counts: list[list[int]] = confusion_matrix(labels, answered, labels=_ALL).tolist()
    return counts


@dataclass(frozen=True, slots=True)
class Reliability:
    """Rows by confidence, each (BINS,): `counts`, mean `confidence` and `accuracy`, the share that is right.

    Of an empty bin both means are NaN.
    """

    counts: Ints
    confidence: Floats
    accuracy: Floats

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al. 2017, eq. 3): the mean gap, weighted by rows; 0 to 1."""
        filled = self.counts > 0
        gaps = np.abs(self.confidence[filled] - self.accuracy[filled])
        return float(np.average(gaps, weights=self.counts[filled]))


def reliability(probabilities: Floats, labels: Ints) -> Reliability:
    """How often the likeliest label is right, by how sure the model is of it; at least one row."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    sums = (np.bincount(bins, weights=values, minlength=BINS) for values in (confidence, right))
    means = [np.divide(total, counts, out=np.full(BINS, np.nan), where=counts > 0) for total in sums]
    return Reliability(counts, *means)


def calibration(probabilities: Floats, labels: Ints) -> dict[str, float]:
    """`ece` (15 bins); `brier`, the squared error summed over classes, 0 to 2; `nll` in nats."""
    return {
        "ece": reliability(probabilities, labels).error,
        "brier": float(brier_score_loss(labels, probabilities, labels=_ALL, scale_by_half=False)),
        "nll": float(log_loss(labels, probabilities, labels=_ALL)),
    }


def pairs_right(groups: Sequence[str], right: NDArray[np.bool_]) -> dict[str, float]:
    """`pairs`: groups of two rows; `both_right`: the share of them in which both rows are right, 0 where none is."""
    members: dict[str, list[bool]] = {}
    for group, one in zip(groups, right.tolist(), strict=True):
        members.setdefault(group, []).append(one)
    pairs = [rows for group, rows in members.items() if group and len(rows) == 2]
    return {"pairs": len(pairs), "both_right": sum(map(all, pairs)) / len(pairs) if pairs else 0.0}
