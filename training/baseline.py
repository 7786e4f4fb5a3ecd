"""What the network must beat: tf-idf of 1- and 2-grams and logistic regression, trained for each corpus apart.

Words in English, characters in Chinese, all from scikit-learn. The settings are the usual ones and were not tuned.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from tqdm import tqdm

from models.labels import LABELS
from training import metrics
from training.evaluation import NOT_MEASURED, labels_of, parts_of
from training.ngrams import WORDS
from training.review import Review

_PARTS = {"sst_phrases": "sst"}
_LEARNED_FROM = {"probes": "context"}
_MANY = 1_000  # reviews; with fewer, n-grams that stand once are kept


def baseline(train: Sequence[Review], dev: Sequence[Review]) -> dict[str, dict[str, Any]]:
    """Trains on each corpus of `train` and measures on the same corpus of `dev`, language by language.

    Phrases of the treebank in `train` count as its sentences, since the network has them too: on the dev sentences that
    are not neutral they bring 0.775 to 0.81. Returns, for each part of `evaluation.parts_of(dev)` that can be trained,
    `train_rows`, `rows`, `accuracy` and `macro_f1`. A corpus without training reviews, or with one class only, is
    left out; for the probes it learns from the written corpus. Shows a bar on a terminal.
    """
    train = [replace(one, corpus=_PARTS.get(one.corpus, one.corpus)) for one in train if one.label is not None]
    dev = [one for one in dev if one.label is not None and one.corpus not in NOT_MEASURED]
    learn, measure = parts_of(train), parts_of(dev)
    figures: dict[str, dict[str, Any]] = {}
    with tqdm(measure, desc="baseline", unit="corpus", disable=None) as bar:
        for name in bar:
            bar.set_postfix_str(name)
            learned = [train[index] for index in learn.get(_LEARNED_FROM.get(name, name), [])]
            measured = [dev[index] for index in measure[name]]
            scores = _probabilities(learned, measured)
            if scores is not None:
                labels = labels_of(measured)
                answered = metrics.answers(scores, metrics.is_two_class(labels))
                figures[name] = {
                    "train_rows": len(learned),
                    "rows": len(measured),
                    **metrics.accuracy_and_f1(labels, answered),
                }
    return figures


def _probabilities(learned: list[Review], measured: list[Review]) -> metrics.Floats | None:
    """Probabilities (N,C) of the measured reviews; None where a language has fewer than two classes to learn from."""
    scores = np.zeros((len(measured), len(LABELS)))
    for language in {review.language for review in measured}:
        known = [review for review in learned if review.language == language]
        if len({review.label for review in known}) < 2:
            return None
        rows = [index for index, review in enumerate(measured) if review.language == language]
        model = _model(language, len(known)).fit([review.text for review in known], labels_of(known))
        found = model.predict_proba([measured[index].text for index in rows])
        scores[np.ix_(rows, model.classes_)] = found
    return scores


def _model(language: str, rows: int) -> Pipeline:
    analyzer = {"analyzer": "char"} if language == "zh" else {"analyzer": "word", "token_pattern": WORDS}
    return make_pipeline(
        TfidfVectorizer(**analyzer, ngram_range=(1, 2), min_df=2 if rows >= _MANY else 1, sublinear_tf=True),
        LogisticRegression(C=10.0, max_iter=1_000),
    )
