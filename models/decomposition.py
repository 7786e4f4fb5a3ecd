"""Contextual decomposition: what a span of words says by itself, inside its text (Murdoch, Liu & Yu 2018, "Beyond word
importance: contextual decomposition to extract interactions from LSTMs").

Hidden and cell states are split in two, h = β + γ and c = βᶜ + γᶜ: β is what came of the span alone, γ what the rest
had a part in. With b the biases, V the recurrent weights, φ a squashing function, r = V β_{t−1} + [t ∈ span] W x_t,
q = V γ_{t−1} + [t ∉ span] W x_t:

    R = ½ [φ(r+b) − φ(b) + φ(r+q+b) − φ(q+b)],  Q with r and q exchanged,  B = φ(b),  R + Q + B = φ(r+q+b)
    βᶜ_t = (R_f + B_f) βᶜ_{t−1} + R_i (R_g + B_g) + B_i R_g + [t ∈ span] B_i B_g,  γᶜ_t = c_t − βᶜ_t
    β_t = o_t ⊙ ½ [tanh βᶜ_t + tanh c_t − tanh γᶜ_t],  γ_t = h_t − β_t

Words by themselves do not add up to the verdict. What is missing is interaction: I(A, B) = β(A ∪ B) − β(A) − β(B).

The split is unstable: where gates saturate, β grows from step to step and ends far beyond what the text says, a
millionfold in a hundred steps. So spans should be short (models/spans.py sees to it), and β is followed for HORIZON
steps past its span; what the cell holds by then is carried on by the gates as they stood. Texts up to that length are
split exactly.
"""

import torch
from torch import Tensor

from models.replay import LayerRun, tanh

HORIZON = 16
"""Steps past a span for which its β is followed, and the longest span. It also bounds the cost for long texts."""


def decompose(run: LayerRun, counts: Tensor, kept: Tensor, spans: Tensor) -> Tensor:
    """What each span of one text says by itself, through an LSTM layer: Σ_t counts_t · β_t -> (S,).

    Parameters: `counts` (D,T,H) of the hidden states and `kept` (D,T,H) of the cell states, what a unit of it there
    is worth there and later, both in reading order; `spans` (S,T), true where a token belongs to the span, at least one
    in each. All spans and both directions are rows of one batch.
    """
    directions, steps, size = run.hidden.shape
    spans = torch.stack((spans, spans.flip(1)))[:directions].flatten(0, 1)  # (D·S,T)
    places = torch.arange(steps)
    first = torch.where(spans, places, steps).amin(1)  # (D·S,)
    last = torch.where(spans, places, -1).amax(1)
    end = (last + HORIZON).clamp(max=steps - 1)  # the last step that is followed
    direction = torch.arange(directions).repeat_interleave(spans.size(0) // directions)

    # σ is the one function evaluated: tanh x = 2 σ(2x) − 1, and `twice` holds the 2s of the candidate's rows.
    twice = torch.ones(4 * size, dtype=run.hidden.dtype)
    twice[2 * size : 3 * size] = 2.0
    back = run.weights.recurrent.transpose(1, 2) * twice
    bias = (run.weights.bias_input + run.weights.bias_hidden) * twice  # (D,1,4H)
    given = torch.bmm(run.inputs, run.weights.into.transpose(1, 2) * twice)  # (D,T,4H)
    total = torch.baddbmm(given + bias, run.before, back)  # r + q + b
    at_rest = torch.sigmoid(bias)  # B, its g still as σ
    half_whole = 0.5 * (torch.sigmoid(total) - at_rest)  # ½ φ(r+q+b) − ½ B
    rest_i, rest_f, rest_g, _ = at_rest.chunk(4, dim=2)
    rest_g = 2 * rest_g - 1
    both_at_rest = rest_i * rest_g
    # Everything that a step needs, so that one look-up fetches it: each row is at a step of its own.
    states = torch.cat(
        (given, total, half_whole, run.cells, tanh(run.cells), run.hidden, run.gates["o"], counts), dim=2
    )
    table = states.flatten(0, 1)
    sizes = [4 * size] * 3 + [size] * 5

    beta = beta_cell = run.hidden.new_zeros(directions, spans.size(0) // directions, size)
    score = run.hidden.new_zeros(spans.size(0))
    tail = torch.zeros_like(beta)
    nothing_else = first == 0  # as long as nothing but the span was read, β is the state itself
    for step in range(int((end - first).max()) + 1):
        t = (first + step).clamp(max=steps - 1)
        here = spans.gather(1, t.unsqueeze(1))  # (D·S,1)
        nothing_else = nothing_else & here[:, 0]
        row = table.index_select(0, direction * steps + t).view(directions, -1, table.size(1))
        given_t, total_t, half_whole_t, cell, squashed, hidden, o, count = row.split(sizes, dim=2)
        inside = here.view(directions, -1, 1).to(beta.dtype)
        r = torch.baddbmm(inside * given_t, beta, back)
        # R, its g as half of what it is, since σ's differences are half of tanh's
        part = torch.sigmoid(r + bias).sub_(torch.sigmoid(total_t - r)).mul_(0.5).add_(half_whole_t)
        part_i, part_f, part_g, _ = part.chunk(4, dim=2)
        part_g = 2 * part_g
        beta_cell = torch.addcmul(torch.addcmul(inside * both_at_rest, rest_i, part_g), part_f + rest_f, beta_cell)
        beta_cell = beta_cell.addcmul_(part_i, part_g + rest_g)
        beta = 0.5 * o * (squashed + tanh(beta_cell) - tanh(cell - beta_cell))
        whole = nothing_else.view(directions, -1, 1)
        beta, beta_cell = torch.where(whole, hidden, beta), torch.where(whole, cell, beta_cell)
        followed = first + step <= end
        score += torch.where(followed, (count * beta).sum(2).flatten(), 0.0)
        tail = torch.where((first + step == end).view(directions, -1, 1), beta_cell, tail)
    after = torch.cat((run.gates["f"][:, 1:] * kept[:, 1:], torch.zeros_like(kept[:, :1])), dim=1)
    score += (tail.view(-1, size) * after.flatten(0, 1).index_select(0, direction * steps + end)).sum(1)
    return score.view(directions, -1).sum(0)
