"""Pooling looks at a text's own steps only."""

import pytest
import torch

from models.pooling import Pooling

# two texts, of 2 and 1 steps; one forward and one backward unit; the last step of the second is padding
HIDDEN = torch.tensor([[[1.0, -4.0], [3.0, -2.0]], [[-5.0, 7.0], [99.0, 99.0]]])
LENGTHS = torch.tensor([2, 1])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("last", [[3.0, -4.0], [-5.0, 7.0]]),  # the backward half has read everything at the first step
        ("mean", [[2.0, -3.0], [-5.0, 7.0]]),
        ("max", [[3.0, -2.0], [-5.0, 7.0]]),
        ("max+last", [[3.0, -4.0, 3.0, -2.0], [-5.0, 7.0, -5.0, 7.0]]),
    ],
)
def test_by_hand(kind: str, expected: list[list[float]]) -> None:
    assert Pooling(kind, directions=2)(HIDDEN, LENGTHS).tolist() == expected


def test_last_of_one_direction_is_the_last_step() -> None:
    assert Pooling("last", directions=1)(HIDDEN, LENGTHS).tolist() == [[3.0, -2.0], [-5.0, 7.0]]


@pytest.mark.parametrize("kind", ["", "sum", "max+max", "max+attention"])
def test_an_unknown_pooling_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="expected some of last, mean, max"):
        Pooling(kind, directions=2)
