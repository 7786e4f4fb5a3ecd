"""A model measured on the reviews of one split, through the Predictor that serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from models.labels import LABELS, NEUTRAL
from models.predictor import Prediction, Predictor
from models.text import TextError
from training import metrics
from training.corpora import CORPORA
from training.review import Review

NOT_MEASURED = ("sst_phrases", "imdb_unlabelled")
"""Corpora that only train."""

CHOSEN = ("probes", "sentences")
"""Texts chosen for being hard: a probability that is right for reviews as they come is not for these."""

_WINDOW = 1024  # texts between two steps of the progress bar


@dataclass(frozen=True)
class Evaluation:
    """What was measured. `reviews` and `predictions` run side by side, in the order given.

    `corpora`: figures of each corpus; `sst2` is sst without its neutral sentences. `languages`: calibration over all
    corpora but CHOSEN, by the reviews' language. `context`: language -> capability -> figures of the probes.
    `neutral_share`: of all reviews of two-class corpora; None where there are none.
    """

    split: str
    reviews: list[Review]
    predictions: list[Prediction]
    corpora: dict[str, dict[str, Any]]
    languages: dict[str, dict[str, Any]]
    context: dict[str, dict[str, dict[str, Any]]]
    neutral_share: float | None

    def to_dict(self) -> dict[str, Any]:
        """All figures, as JSON has them; no text and no prediction."""
        return {
            "split": self.split,
            "rows": len(self.reviews),
            "corpora": self.corpora,
            "languages": self.languages,
            "context": self.context,
            "neutral_share": self.neutral_share,
        }


def evaluate(predictor: Predictor, reviews: Sequence[Review]) -> Evaluation:
    """Measures `predictor` on labelled reviews of one split; shows a bar on a terminal.

    Reviews without a label and those of NOT_MEASURED are left out. Raises ValueError where nothing is left, where
    splits are mixed, and where a text cannot be read (its source is named).
    """
    measured = [review for review in reviews if review.label is not None and review.corpus not in NOT_MEASURED]
    splits = sorted({review.split for review in measured})
    if len(splits) != 1:
        raise ValueError(
            f"{len(measured):,} labelled reviews of {len(splits)} splits ({', '.join(splits)}) were given to measure "
            "on; expected at least one, all of one split"
        )
    predictions = _predict(predictor, measured)
    scores, labels = probabilities_of(predictions), labels_of(measured)
    parts = parts_of(measured)
    two_class = [
        index for name, rows in parts.items() if name != "sst2" and metrics.is_two_class(labels[rows]) for index in rows
    ]
    return Evaluation(
        split=splits[0],
        reviews=measured,
        predictions=predictions,
        corpora={
            name: _corpus(scores[rows], labels[rows], [measured[index].group for index in rows], name)
            for name, rows in parts.items()
        },
        languages=_languages(measured, predictions, scores, labels),
        context=_context(measured, scores.argmax(axis=1)),
        neutral_share=float((scores[two_class].argmax(axis=1) == NEUTRAL).mean()) if two_class else None,
    )


def parts_of(reviews: Sequence[Review]) -> dict[str, list[int]]:
    """What is measured apart: corpus -> indices of its reviews, and `sst2`, the sentences of sst that are not neutral.

    In the order of CORPORA; then others as they come.
    """
    found: dict[str, list[int]] = {}
    for index, review in enumerate(reviews):
        found.setdefault(review.corpus, []).append(index)
    found["sst2"] = [index for index in found.get("sst", []) if reviews[index].label != NEUTRAL]
    order = [part for name in CORPORA for part in ((name, "sst2") if name == "sst" else (name,))]
    return {name: found[name] for name in dict.fromkeys([*order, *found]) if found.get(name)}


def probabilities_of(predictions: Sequence[Prediction]) -> metrics.Floats:
    """Probabilities (N,C) in the order of LABELS."""
    return np.array([[one.probabilities[label] for label in LABELS] for one in predictions], dtype=np.float64)


def labels_of(reviews: Sequence[Review]) -> metrics.Ints:
    """Labels (N,) of labelled reviews."""
    return np.array([review.label for review in reviews], dtype=np.int64)


def _predict(predictor: Predictor, reviews: list[Review]) -> list[Prediction]:
    predictions: list[Prediction] = []
    with tqdm(total=len(reviews), desc="measuring", unit="review", disable=None) as bar:
        for start in range(0, len(reviews), _WINDOW):
            window = reviews[start : start + _WINDOW]
            try:
                predictions += predictor.predict([review.text for review in window])
            except TextError as error:
                raise ValueError(f"{window[error.index or 0].source}: {error}") from None
            bar.update(len(window))
    return predictions


def _corpus(scores: metrics.Floats, labels: metrics.Ints, groups: list[str], name: str) -> dict[str, Any]:
    two_class = metrics.is_two_class(labels)
    answered = metrics.answers(scores, two_class)
    likeliest = scores.argmax(axis=1)
    figures: dict[str, Any] = {
        "rows": len(labels),
        "classes": 2 if two_class else 3,
        **metrics.accuracy_and_f1(labels, answered),
        "neutral_share": float((likeliest == NEUTRAL).mean()),
        "confusion": metrics.confusion(labels, likeliest),
    }
    if name == "counterfactual":
        figures |= metrics.pairs_right(groups, answered == labels)
    return figures


def _languages(
    reviews: list[Review], predictions: list[Prediction], scores: metrics.Floats, labels: metrics.Ints
) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {}
    asked = [index for index, review in enumerate(reviews) if review.corpus not in CHOSEN]
    for language in sorted({reviews[index].language for index in asked}):
        rows = [index for index in asked if reviews[index].language == language]
        told = sum(predictions[index].language == language for index in rows)
        figures[language] = {
            "rows": len(rows),
            "language_told": told / len(rows),
            **metrics.calibration(scores[rows], labels[rows]),
        }
    return figures


def _context(reviews: list[Review], answered: metrics.Ints) -> dict[str, dict[str, dict[str, Any]]]:
    """Language -> capability -> figures of its probes."""
    rows: dict[str, dict[str, list[int]]] = {}
    for index, review in enumerate(reviews):
        if review.corpus == "probes":
            rows.setdefault(review.language, {}).setdefault(review.group, []).append(index)
    return {
        language: {name: _capability(reviews, answered, found) for name, found in sorted(capabilities.items())}
        for language, capabilities in sorted(rows.items())
    }


def _capability(reviews: list[Review], answered: metrics.Ints, rows: list[int]) -> dict[str, Any]:
    """Rows, accuracy, both again by true label; and of the lines that stand for several texts, which differ in what
    must not matter, how many there are and the share that got one answer for all their texts."""
    by_label: dict[str, list[bool]] = {}
    lines: dict[str, list[int]] = {}
    for index in rows:
        label = reviews[index].label or 0
        by_label.setdefault(LABELS[label], []).append(bool(answered[index] == label))
        lines.setdefault(reviews[index].source, []).append(int(answered[index]))
    figures = _share([one for right in by_label.values() for one in right])
    figures["by_label"] = {label: _share(by_label[label]) for label in LABELS if label in by_label}
    several = [answers for answers in lines.values() if len(answers) > 1]
    if several:
        figures["lines"] = len(several)
        figures["one_answer"] = sum(len(set(answers)) == 1 for answers in several) / len(several)
    return figures


def _share(right: list[bool]) -> dict[str, Any]:
    return {"rows": len(right), "accuracy": sum(right) / len(right)}
