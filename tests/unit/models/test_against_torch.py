"""The recurrences held against torch's own layers, with copied weights, in double precision: values and gradients."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from models.encoder import Encoder
from models.recurrence import GRU, LSTM, RECURRENCES, Elman, Recurrence

TOLERANCE = 1e-10
LAYERS = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
T, B, E, H = 6, 3, 5, 4
LENGTHS = torch.tensor([6, 1, 4])
SHAPES = list(itertools.product(LAYERS, (1, 2, 3, 4), (1, 2)))


def pair(kind: str, layers: int, directions: int, batch_first: bool) -> tuple[Encoder, nn.RNNBase]:
    """Our encoder and torch's layer with the same weights."""
    torch.manual_seed(3)
    ours = Encoder(kind, E, H, layers, directions, batch_first=batch_first).double()
    theirs = LAYERS[kind](E, H, layers, batch_first=batch_first, bidirectional=directions == 2).double()
    for (_, weight), (_, same) in weights(ours, theirs):
        same.data.copy_(weight.data)
    return ours, theirs


def weights(ours: Encoder, theirs: nn.RNNBase) -> list[tuple[tuple[str, Tensor], tuple[str, Tensor]]]:
    """Each weight of ours beside torch's."""
    found = []
    for number, layer in enumerate(ours.layers):
        for side, suffix in ((layer.left_to_right, ""), (layer.right_to_left, "_reverse")):
            if side is not None:
                for name, weight in side.cell.named_parameters():
                    other = f"{name}_l{number}{suffix}"
                    found.append(((f"{number}{suffix} {name}", weight), (other, getattr(theirs, other))))
    return found


def random(*shape: int, seed: int = 4) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def assert_same(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(("kind", "layers", "directions"), SHAPES)
def test_hidden_states_last_states_and_every_gradient(
    kind: str, layers: int, directions: int, batch_first: bool
) -> None:
    ours, theirs = pair(kind, layers, directions, batch_first)
    x = random(B, T, E) if batch_first else random(T, B, E)
    mine, yours = x.clone().requires_grad_(), x.clone().requires_grad_()
    out, last = ours.run(mine, torch.full((B,), T))
    expected, state = theirs(yours)
    expected_last = state[0] if kind == "lstm" else state
    assert out.shape == ((B, T, directions * H) if batch_first else (T, B, directions * H))
    assert last.shape == (layers * directions, B, H)
    assert_same(out, expected)
    assert_same(last, expected_last)

    weight, other = random(*out.shape, seed=5), random(*last.shape, seed=6)  # so that every step has its own gradient
    ((out * weight).sum() + (last * other).sum()).backward()
    ((expected * weight).sum() + (expected_last * other).sum()).backward()
    assert_same(mine.grad, yours.grad)
    for (name, found), (_, known) in weights(ours, theirs):
        assert found.grad is not None, name
        assert_same(found.grad, known.grad)


@pytest.mark.parametrize(("kind", "layers", "directions"), SHAPES)
def test_texts_of_several_lengths_equal_torchs_packed_ones(kind: str, layers: int, directions: int) -> None:
    ours, theirs = pair(kind, layers, directions, batch_first=True)
    packed = nn.utils.rnn.pack_padded_sequence(random(B, T, E), LENGTHS, batch_first=True, enforce_sorted=False)
    states, last = theirs(packed)
    expected, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
    found, found_last = ours.run(random(B, T, E), LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        assert_same(found[row, :length], expected[row, :length])
    assert_same(found_last, last[0] if kind == "lstm" else last)


@pytest.mark.parametrize("sizes", [(100, 30, 20), (100, 20, 15)])
@pytest.mark.parametrize("stepwise", [False, True])
@pytest.mark.parametrize(
    ("ours", "theirs"), [(Elman, nn.RNNCell), (LSTM, nn.LSTMCell), (GRU, nn.GRUCell)], ids=("elman", "lstm", "gru")
)
def test_stacks_of_cells_of_several_sizes_equal_loops_over_torchs_cells(
    ours: type[Recurrence], theirs: type[nn.RNNCellBase], stepwise: bool, sizes: tuple[int, ...]
) -> None:
    torch.manual_seed(3)
    x = random(B, T, sizes[0])
    inputs = list(x.unbind(1))
    for into, out in itertools.pairwise(sizes):
        recurrence, cell = ours(into, out).double(), theirs(into, out).double()
        cell.load_state_dict(recurrence.cell.state_dict())
        x = recurrence.unroll(x, recurrence.start(x))[0] if stepwise else recurrence(x, recurrence.start(x))[0]
        state = None
        outputs = []
        for step in inputs:
            state = cell(step, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        inputs = outputs
    assert_same(x, torch.stack(inputs, dim=1))


@pytest.mark.parametrize("kind", RECURRENCES)
@pytest.mark.parametrize("stepwise", [False, True])
def test_a_sequence_in_two_pieces_with_the_state_carried_is_one_sequence(kind: str, stepwise: bool) -> None:
    torch.manual_seed(3)
    recurrence = RECURRENCES[kind](E, H).double()

    def run(x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        if not stepwise:
            return recurrence(x, state)
        hidden, _, _, state = recurrence.unroll(x, state)
        return hidden, state

    x = random(B, T, E)
    whole, end = run(x, recurrence.start(x))
    first, state = run(x[:, :2], recurrence.start(x))
    second, state = run(x[:, 2:], state)
    assert_same(torch.cat((first, second), 1), whole)
    assert_same(state, end)


def test_the_shapes_are_those_that_torch_documents() -> None:
    found = {name: tuple(weight.shape) for name, weight in Elman(100, 20).cell.named_parameters()}
    assert found == {"weight_ih": (20, 100), "weight_hh": (20, 20), "bias_ih": (20,), "bias_hh": (20,)}
    assert {name: tuple(getattr(nn.RNN(100, 20), f"{name}_l0").shape) for name in found} == found


def test_without_recurrent_weights_an_elman_layer_is_a_dense_layer_at_each_step() -> None:
    torch.manual_seed(3)
    recurrence = Elman(E, H).double()
    cell = recurrence.cell
    cell.weight_hh.data.zero_()
    dense = nn.Linear(E, H).double()
    dense.weight.data.copy_(cell.weight_ih.data)
    dense.bias.data.copy_(cell.bias_ih.data + cell.bias_hh.data)
    x = random(B, T, E)
    assert_same(recurrence(x, recurrence.start(x))[0], torch.tanh(dense(x)))
