"""The split of a verdict over its tokens adds up, for every gated recurrence, pooling and number of directions."""

import pytest
import torch

from models.classifier import Architecture, SentimentClassifier
from models.contributions import readout, writes

IDS = torch.tensor([[3, 4, 5, 6, 7, 8, 9, 10, 3]])
LENGTHS = torch.tensor([9])


def network(kind: str, pooling: str, directions: int) -> SentimentClassifier:
    torch.manual_seed(5)
    one = SentimentClassifier(
        Architecture(12, 6, encoder=kind, hidden_size=7, directions=directions, pooling=pooling)
    ).double()
    with torch.no_grad():
        one.embedding.weight.mul_(20)  # far from where everything is linear
    return one.eval()


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max+mean", "last+max+mean"])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_shares_and_bias_are_the_logit(kind: str, pooling: str, directions: int) -> None:
    one = network(kind, pooling, directions)
    with torch.no_grad():
        logits = one(IDS, LENGTHS)[0]
        hidden, cells, gates = (states[:, 0] for states in one.states(IDS, LENGTHS))
        weight = one.head.weight[2] - one.head.weight[0]
        counts = readout(torch.cat(tuple(hidden), dim=1), weight, pooling, directions)
        shares = torch.zeros(9, dtype=torch.float64)
        for direction, part in enumerate(counts.chunk(directions, dim=1)):
            rows = [part, hidden[direction], cells[direction] if kind == "lstm" else cells, gates[direction]]
            if direction == 1:
                rows = [row.flip(0) if row.numel() else row for row in rows]
            found = writes(kind, *rows)
            shares += found.flip(0) if direction == 1 else found
    expected = logits[2] - logits[0] - (one.head.bias[2] - one.head.bias[0])
    torch.testing.assert_close(shares.sum(), expected.detach(), atol=1e-12, rtol=0)


def test_a_token_whose_write_is_shut_out_has_no_share() -> None:
    gates = torch.full((4, 4 * 3), 0.5)
    gates[2, :3] = 0.0  # the input gate of the third step
    cells = torch.zeros(4, 3)
    for step in range(4):
        i, f, g, _ = gates[step].chunk(4)
        cells[step] = f * (cells[step - 1] if step else 0) + i * g
    shares = writes("lstm", torch.ones(4, 3), 0.5 * torch.tanh(cells), cells, gates)
    assert shares[2] == 0
    assert (shares[[0, 1, 3]] > 0).all()


def test_elman_and_jordan_are_refused() -> None:
    with pytest.raises(ValueError, match="the states of 'elman' are no sums"):
        writes("elman", *(torch.zeros(2, 3) for _ in range(4)))
