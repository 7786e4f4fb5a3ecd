"""Linear models of n-grams: what a bag of words knows, as a teacher of the network.

Two views of one text: tf-idf with logistic regression, and the same with each n-gram weighed by its log-count ratio
(Wang & Manning 2012, "Baselines and Bigrams"). They see n-grams that a network of small vocabulary blurs, and err
elsewhere than it does.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from models.labels import POSITIVE
from training.review import Review

WORDS = r"\w+(?:'\w+)*|[^\w\s]"
"""A text with anything to see has a token."""

_GROUPED = ("imdb", "counterfactual")  # what is said of one film, and an edit of one text, would tell of each other

Floats = NDArray[np.float64]


class NGrams:
    """Both views, of reviews of one language that are negative or positive.

    N-grams are 1 to 3 words in English, 1 to 3 characters in Chinese, that stand in two training reviews or more.
    Raises ValueError where one of the labels is missing.
    """

    def __init__(self, reviews: Sequence[Review]) -> None:
        if len({review.label for review in reviews}) < 2:
            raise ValueError(f"{len(reviews):,} reviews of one label or none; n-grams need negative and positive ones")
        analyzer = {"analyzer": "char"} if reviews[0].language == "zh" else {"analyzer": "word", "token_pattern": WORDS}
        self._vectorizer = TfidfVectorizer(**analyzer, ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        self._counts: csr_matrix = self._vectorizer.fit_transform([review.text for review in reviews])
        self._positive = np.array([review.label == POSITIVE for review in reviews])
        self._groups = [review.group if review.corpus in _GROUPED else review.source for review in reviews]
        self._models = _fit(self._counts, self._positive)

    def logits(self, reviews: Sequence[Review]) -> Floats:
        """logit(positive) − logit(negative) of other reviews, (N,2): one column a view."""
        return _logits(self._models, self._vectorizer.transform([review.text for review in reviews]))

    def out_of_fold(self, folds: int = 5) -> Floats:
        """The same for the reviews that it was made of, (N,2): each from models that saw none of its group.

        A group is a film or a counterfactual pair, elsewhere a review by itself; a fold holds whole groups. Raises
        ValueError for fewer groups than folds.
        """
        count = len(set(self._groups))
        if count < folds:
            raise ValueError(f"{count} groups of reviews can't be parted into {folds} folds; give more reviews")
        found = np.zeros((len(self._positive), 2))
        for known, asked in GroupKFold(folds).split(self._counts, groups=self._groups):
            found[asked] = _logits(_fit(self._counts[known], self._positive[known]), self._counts[asked])
        return found


_Models = tuple[Floats, LogisticRegression, LogisticRegression]


def _fit(counts: csr_matrix, positive: NDArray[np.bool_]) -> _Models:
    present = counts > 0
    ratio = _smoothed(present[positive]) - _smoothed(present[~positive])
    plain = LogisticRegression(C=10.0, max_iter=1_000).fit(counts, positive)
    weighed = LogisticRegression(C=10.0, max_iter=1_000).fit(counts @ diags(ratio), positive)
    return ratio, plain, weighed


def _smoothed(present: csr_matrix) -> Floats:
    """log of each n-gram's share among the reviews' n-grams, each counted once more than it was seen."""
    sums = np.asarray(present.sum(axis=0), dtype=np.float64).ravel() + 1
    return np.log(sums / sums.sum())


def _logits(models: _Models, counts: csr_matrix) -> Floats:
    ratio, plain, weighed = models
    return np.column_stack((plain.decision_function(counts), weighed.decision_function(counts @ diags(ratio))))
