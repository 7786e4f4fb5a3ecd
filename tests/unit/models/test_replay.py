"""What is laid open is what the network computes."""

import pytest
import torch

from models.recurrence import RECURRENCES
from models.replay import in_text_order
from tests.unit.models.networks import IDS, network, run_of


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("kind", RECURRENCES)
def test_logits_states_and_gates_are_the_networks_own(kind: str, directions: int, layers: int) -> None:
    one = network(kind, directions=directions, layers=layers)
    ids, lengths = torch.tensor([IDS]), torch.tensor([len(IDS)])
    run = run_of(one, kind)
    with torch.no_grad():
        torch.testing.assert_close(run.logits, one(ids, lengths)[0], atol=1e-12, rtol=0)
        hidden, cells, gates = (states[:, 0] for states in one.states(ids, lengths))
    for number, layer in enumerate(run.layers):
        rows = slice(number * directions, (number + 1) * directions)
        torch.testing.assert_close(in_text_order(layer.hidden), hidden[rows], atol=1e-12, rtol=0)
        if kind == "lstm":
            torch.testing.assert_close(in_text_order(layer.cells), cells[rows], atol=1e-12, rtol=0)
        if kind in ("lstm", "gru"):
            names = "ifgo" if kind == "lstm" else "rzn"
            found = [layer.gates.get(name, layer.candidate) for name in names]
            torch.testing.assert_close(in_text_order(torch.cat(found, dim=2)), gates[rows], atol=1e-12, rtol=0)
