"""Contextual decomposition: what a span of words says by itself, inside its text (Murdoch, Liu & Yu 2018, "Beyond word
importance: contextual decomposition to extract interactions from LSTMs").

Hidden and cell states are split in two, h = β + γ and c = βᶜ + γᶜ: β is what came of the span alone, γ what the rest
had a part in. With b the biases, V the recurrent weights, φ a squashing function, r = V β_{t−1} + [t ∈ span] W x_t,
q = V γ_{t−1} + [t ∉ span] W x_t:

    R = ½ [φ(r+b) − φ(b) + φ(r+q+b) − φ(q+b)],  Q with r and q exchanged,  B = φ(b),  R + Q + B = φ(r+q+b)
    βᶜ_t = (R_f + B_f) βᶜ_{t−1} + R_i (R_g + B_g) + B_i R_g + [t ∈ span] B_i B_g,  γᶜ_t = c_t − βᶜ_t
    β_t = o_t ⊙ ½ [tanh βᶜ_t + tanh c_t − tanh γᶜ_t],  γ_t = h_t − β_t
"""

import torch
from torch import Tensor


def decompose(
    x: Tensor, hidden: Tensor, cells: Tensor, gates: Tensor, weights: tuple[Tensor, Tensor, Tensor], spans: Tensor
) -> Tensor:
    """β of one direction of an LSTM layer for many spans of one text, in reading order -> (S,T,H).

    Parameters: embeddings `x` (T,E); `hidden` (T,H), `cells` (T,H), `gates` (T,4H, order i, f, g, o) as the run had
    them; `weights` W (4H,E), V (4H,H), b (4H,), both biases summed; `spans` (S,T), 1 where a token belongs to the span.
    """
    into, recurrent, bias = weights
    size = hidden.size(1)
    from_x = x @ into.t()  # (T,4H)
    total = from_x + torch.cat((hidden.new_zeros(1, size), hidden[:-1])) @ recurrent.t()  # (T,4H): r + q
    at_rest = _squash(bias.unsqueeze(0))  # B (1,4H)
    rest_i, rest_f, rest_g, _ = at_rest.chunk(4, dim=1)
    squashed = _squash_all(gates)
    beta = x.new_zeros(spans.size(0), size)
    beta_cell = x.new_zeros(spans.size(0), size)
    found = x.new_empty(spans.size(0), x.size(0), size)
    for t in range(x.size(0)):
        inside = spans[:, t : t + 1]  # (S,1)
        r = beta @ recurrent.t() + inside * from_x[t]  # (S,4H)
        alone = _squash(r + bias)
        without = _squash(total[t] - r + bias)
        part = 0.5 * (alone - at_rest + squashed[t] - without)  # R
        part_i, part_f, part_g, _ = part.chunk(4, dim=1)
        beta_cell = (
            (part_f + rest_f) * beta_cell + part_i * (part_g + rest_g) + rest_i * part_g + inside * (rest_i * rest_g)
        )
        cell = cells[t]
        tanh_cell = torch.tanh(cell)
        beta = gates[t, 3 * size :] * 0.5 * (torch.tanh(beta_cell) + tanh_cell - torch.tanh(cell - beta_cell))
        found[:, t] = beta
    return found


def _squash(sums: Tensor) -> Tensor:
    """(…,4H) in the order i, f, g, o: σ, σ, tanh, σ. σ(x) is ½ + ½ tanh(x/2), so one kernel does all four."""
    i, f, g, o = sums.chunk(4, dim=-1)
    return torch.cat((torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)), dim=-1)


def _squash_all(gates: Tensor) -> Tensor:
    """The run's own gates (T,4H): φ(r+q+b)."""
    return gates
