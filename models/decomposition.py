"""Contextual decomposition: what a span of words says by itself, inside its text (Murdoch, Liu & Yu 2018, "Beyond word
importance: contextual decomposition to extract interactions from LSTMs").

Hidden and cell states are split in two, h = β + γ and c = βᶜ + γᶜ: β is what came of the span alone, γ what the rest
had a part in. With b the biases, V the recurrent weights, φ a squashing function, r = V β_{t−1} + [t ∈ span] W x_t,
q = V γ_{t−1} + [t ∉ span] W x_t:

    R = ½ [φ(r+b) − φ(b) + φ(r+q+b) − φ(q+b)],  Q with r and q exchanged,  B = φ(b),  R + Q + B = φ(r+q+b)
    βᶜ_t = (R_f + B_f) βᶜ_{t−1} + R_i (R_g + B_g) + B_i R_g + [t ∈ span] B_i B_g,  γᶜ_t = c_t − βᶜ_t
    β_t = o_t ⊙ ½ [tanh βᶜ_t + tanh c_t − tanh γᶜ_t],  γ_t = h_t − β_t

Words by themselves do not add up to the verdict. What is missing is interaction: I(A, B) = β(A ∪ B) − β(A) − β(B).

The split is unstable: where gates saturate, β grows from step to step and ends far beyond what the text says. So spans
should be short (models/spans.py sees to it), and β is followed for HORIZON steps past its span; what the cell holds by
then is carried on by the gates as they stood. Texts up to that length are split exactly.
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
    both = torch.stack((spans, spans.flip(1)))[:directions]  # (D,S,T)
    places = torch.arange(steps)
    first = torch.where(both, places, steps).amin(2)  # (D,S)
    end = (torch.where(both, places, -1).amax(2) + HORIZON).clamp(max=steps - 1)  # the last step that is followed
    # The longest first, so that those still followed are the first rows.
    order = (end - first).amax(0).argsort(descending=True)
    both, first, end = both[:, order], first[:, order], end[:, order]
    followed = (end - first).amax(0)  # (S,)
    t = (first + torch.arange(int(followed[0]) + 1)[:, None, None]).clamp(max=steps - 1)  # (N,D,S): step by row
    inside = both.permute(2, 0, 1).gather(0, t)  # (N,D,S)
    nothing_else = (inside.cumprod(0) * (first == 0)).bool()  # so far only the span was read: β is the state itself
    rows = (torch.arange(directions).unsqueeze(1) * steps + t).unbind(0)

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
    states = (given, total, half_whole, run.cells, tanh(run.cells), 0.5 * run.gates["o"])
    table = torch.cat(states, dim=2).flatten(0, 1)
    sizes = [one.size(2) for one in states]

    beta = beta_cell = run.hidden.new_zeros(directions, spans.size(0), size)
    betas = run.hidden.new_zeros(len(rows), *beta.shape)  # (N,D,S,H), zero where a row has come to its end
    cells = torch.zeros_like(betas)
    last_row = [int((followed >= step).sum()) for step in range(len(rows))]
    whole = nothing_else.flatten(1).any(1).tolist()
    for step, count in enumerate(last_row):
        places = rows[step][:, :count]
        row = table.index_select(0, places.flatten()).view(directions, count, -1)
        given_t, total_t, half_whole_t, cell, squashed, half_o = row.split(sizes, dim=2)
        here = inside[step, :, :count, None].to(beta.dtype)
        r = torch.baddbmm(here * given_t, beta[:, :count], back)
        # R, its g as half of what it is, since σ's differences are half of tanh's
        part = torch.sigmoid(r + bias).sub_(torch.sigmoid(total_t - r)).mul_(0.5).add_(half_whole_t)
        part_i, part_f, part_g, _ = part.chunk(4, dim=2)
        part_g = 2 * part_g
        kept_part = torch.addcmul(here * both_at_rest, part_f + rest_f, beta_cell[:, :count])
        beta_cell = kept_part.addcmul_(rest_i, part_g).addcmul_(part_i, part_g + rest_g)
        beta = half_o * (squashed + tanh(beta_cell) - tanh(cell - beta_cell))
        if whole[step]:
            alone = nothing_else[step, :, :count, None]
            hidden = run.hidden.flatten(0, 1).index_select(0, places.flatten()).view_as(beta)
            beta, beta_cell = torch.where(alone, hidden, beta), torch.where(alone, cell, beta_cell)
        betas[step, :, :count], cells[step, :, :count] = beta, beta_cell

    at_end = (end - first).unsqueeze(0)  # (1,D,S)
    read = counts.flatten(0, 1)[torch.stack(rows)]  # (N,D,S,H)
    within = torch.arange(len(rows))[:, None, None] <= at_end
    score = ((betas * read).sum(3) * within).sum((0, 1))
    after = torch.cat((run.gates["f"][:, 1:] * kept[:, 1:], torch.zeros_like(kept[:, :1])), dim=1).flatten(0, 1)
    last = cells.gather(0, at_end.unsqueeze(3).expand(1, -1, -1, size))[0]  # (D,S,H)
    carried = after[torch.arange(directions).unsqueeze(1) * steps + end]
    score += (last * carried).sum(2).sum(0)
    return torch.empty_like(score).index_copy_(0, order, score)
