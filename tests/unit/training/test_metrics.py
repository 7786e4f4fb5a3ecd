"""Each figure against numbers worked out by hand."""

import math

import numpy as np
import pytest

from models.labels import NEGATIVE, NEUTRAL, POSITIVE
from training import metrics

SCORES = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.3, 0.45, 0.25]])


def test_the_answer_is_the_likeliest_of_three() -> None:
    assert metrics.answers(SCORES, two_class=False).tolist() == [NEGATIVE, NEUTRAL, POSITIVE, NEUTRAL]


def test_with_two_classes_negative_stands_against_positive() -> None:
    assert metrics.answers(SCORES, two_class=True).tolist() == [NEGATIVE, POSITIVE, POSITIVE, NEGATIVE]


@pytest.mark.parametrize(("labels", "expected"), [([0, 2], True), ([0, 0], True), ([0, 1, 2], False), ([1], False)])
def test_one_neutral_label_makes_three_classes(labels: list[int], expected: bool) -> None:
    assert metrics.is_two_class(np.array(labels)) is expected


def test_accuracy_and_f1_by_hand() -> None:
    # negative: 1 right, 1 missed -> F1 2/3; positive: 2 right, 1 too many -> 4/5
    figures = metrics.accuracy_and_f1(np.array([0, 0, 2, 2]), np.array([0, 2, 2, 2]))
    assert figures == {"accuracy": 0.75, "macro_f1": pytest.approx((2 / 3 + 4 / 5) / 2)}


def test_one_class_that_is_all_right_scores_one() -> None:
    assert metrics.accuracy_and_f1(np.array([2, 2]), np.array([2, 2])) == {"accuracy": 1.0, "macro_f1": 1.0}


def test_confusion_has_true_labels_as_rows_and_keeps_classes_that_do_not_occur() -> None:
    assert metrics.confusion(np.array([0, 0, 2]), np.array([0, 1, 0])) == [[1, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_calibration_error_is_the_gap_weighted_by_rows() -> None:
    # two rows with 0.9, one right: gap 0.4; two with 0.6, both right: gap 0.4, and one with 1.0, right: no gap
    scores = np.array([[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.0, 0.6, 0.4], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
    labels = np.array([0, 1, 1, 1, 2])
    bins = metrics.reliability(scores, labels)
    assert bins.counts.sum() == 5
    assert bins.counts[-1] == 1  # a probability of 1 is in the last bin
    assert math.isnan(bins.accuracy[0])
    assert bins.error == pytest.approx((2 * 0.4 + 2 * 0.4) / 5)


def test_a_gap_in_one_bin_does_not_offset_one_in_another() -> None:
    scores = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0]])
    assert metrics.reliability(scores, np.array([1, 0])).error == pytest.approx((0.9 + 0.4) / 2)


def test_brier_and_likelihood_by_hand() -> None:
    figures = metrics.calibration(np.array([[0.7, 0.2, 0.1]]), np.array([0]))
    assert figures["brier"] == pytest.approx(0.3**2 + 0.2**2 + 0.1**2)
    assert figures["nll"] == pytest.approx(-math.log(0.7))
    assert figures["ece"] == pytest.approx(0.3)


def test_calibration_of_a_sure_and_wrong_answer_is_finite() -> None:
    assert all(map(math.isfinite, metrics.calibration(np.array([[1.0, 0.0, 0.0]]), np.array([2])).values()))


def test_pairs_count_only_where_both_sides_are_right() -> None:
    groups = ["a", "b", "a", "b", "lonely", "", ""]
    right = np.array([True, True, True, False, True, True, True])
    assert metrics.pairs_right(groups, right) == {"pairs": 2, "both_right": 0.5}
    assert metrics.pairs_right(["lonely"], np.array([True])) == {"pairs": 0, "both_right": 0.0}
