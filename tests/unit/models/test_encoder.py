"""The encoder: equal to the cells step by step, blind to padding. Against torch's own layers: test_against_torch.py."""

import itertools

import pytest
import torch

from models.encoder import Encoder, permute_steps, reversal
from models.recurrence import RECURRENCES

LENGTHS = torch.tensor([7, 1, 4])


def encoder(kind: str, layers: int, directions: int) -> Encoder:
    torch.manual_seed(3)
    return Encoder(kind, 5, 4, layers, directions).double().eval()


def inputs() -> torch.Tensor:
    return torch.randn(3, 7, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize(("kind", "layers", "directions"), list(itertools.product(RECURRENCES, (1, 2), (1, 2))))
def test_the_kernel_equals_the_cells_step_by_step(kind: str, layers: int, directions: int) -> None:
    network = encoder(kind, layers, directions)
    hidden, cells, gates = network.unroll(inputs(), LENGTHS)
    assert hidden.shape == (layers * directions, 3, 7, 4)
    assert cells.shape[:3] == gates.shape[:3] == (layers * directions, 3, 7)
    last = torch.cat(tuple(hidden[-directions:]), dim=2)
    torch.testing.assert_close(network(inputs(), LENGTHS), last, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", RECURRENCES)
def test_padding_and_company_change_nothing(kind: str) -> None:
    network = encoder(kind, 2, 2)
    together = network(inputs(), LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = network(inputs()[row : row + 1, :length], LENGTHS[row : row + 1])
        torch.testing.assert_close(together[row : row + 1, :length], alone, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", RECURRENCES)
def test_the_backward_half_is_the_forward_run_of_the_reversed_text(kind: str) -> None:
    network = encoder(kind, 1, 2)
    layer = network.layers[0]
    x = inputs()[:1]
    backward = network(x, torch.tensor([7]))[0, :, 4:]
    torch.testing.assert_close(
        backward,
        layer.right_to_left(x.flip(1), torch.zeros(layer.right_to_left.states, 1, 4).double())[0][0].flip(0),
        atol=1e-12,
        rtol=0,
    )


def test_reversal_is_its_own_inverse_and_leaves_padding() -> None:
    x = torch.arange(6.0).view(2, 3, 1)
    order = reversal(torch.tensor([3, 2]), 3)
    assert permute_steps(x, order).flatten().tolist() == [2, 1, 0, 4, 3, 5]
    assert torch.equal(permute_steps(permute_steps(x, order), order), x)


@pytest.mark.parametrize(("kind", "layers", "directions"), [("rnn", 1, 1), ("lstm", 0, 1), ("lstm", 1, 3)])
def test_a_shape_that_cannot_be_is_refused(kind: str, layers: int, directions: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Encoder(kind, 5, 4, layers, directions)
