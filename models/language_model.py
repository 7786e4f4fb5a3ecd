"""Language models: what comes next, foretold from what came before.

`StreamLanguageModel` reads one stream from left to right, piece by piece, its state carried over. `LanguageModel` is
the classifier's encoder before it judges reviews: in each direction it foretells their words.
"""

import torch
from torch import Tensor, nn

from models.encoder import Encoder
from models.recurrence import RECURRENCES, Recurrence, Summing

ONE_HOT, EMBEDDING = "one-hot", "embedding"
INPUTS = (ONE_HOT, EMBEDDING)


class StreamLanguageModel(nn.Module):
    """Tokens -> one recurrence -> a linear head -> logits of the token that follows.

    Parameters: `vocabulary_size` V; `hidden_size` H; `kind`, a name in RECURRENCES; `inputs`, "one-hot", which the
    recurrence weighs itself, or "embedding": ReLU of an embedding (V,H), summed into the hidden state before tanh
    (`cells.SummingCell`, so `kind` must be "elman"); `stepwise`, cell by cell in the place of torch's kernels, with the
    same result. Raises ValueError for anything else.
    """

    def __init__(
        self, vocabulary_size: int, hidden_size: int, kind: str = "elman", inputs: str = ONE_HOT, stepwise: bool = False
    ) -> None:
        super().__init__()
        if kind not in RECURRENCES or inputs not in INPUTS or (inputs == EMBEDDING and kind != "elman"):
            raise ValueError(
                f"kind is {kind!r} and inputs {inputs!r}; expected one of {', '.join(RECURRENCES)} with {ONE_HOT}, or "
                f"elman with {EMBEDDING}"
            )
        self.vocabulary_size = vocabulary_size
        self.stepwise = stepwise
        self.embedding = nn.Embedding(vocabulary_size, hidden_size) if inputs == EMBEDDING else None
        self.recurrence: Recurrence = (
            Summing(hidden_size, hidden_size)
            if inputs == EMBEDDING
            else RECURRENCES[kind](vocabulary_size, hidden_size)
        )
        self.head = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, ids: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """ids (B,T) int64, state (S,B,H) of the piece before, or None for zeros -> logits (B,T,V), state (S,B,H)."""
        if self.embedding is None:
            x = nn.functional.one_hot(ids, self.vocabulary_size).to(self.head.weight.dtype)  # (B,T,V)
        else:
            x = torch.relu(self.embedding(ids))  # (B,T,H)
        if state is None:
            state = self.recurrence.start(x)
        if self.stepwise:
            hidden, _, _, state = self.recurrence.unroll(x, state)
        else:
            hidden, state = self.recurrence(x, state)
        return self.head(hidden), state


class LanguageModel(nn.Module):
    """Embedding (V,E) -> encoder -> for each direction a projection H -> E -> logits over V tokens.

    In a bidirectional encoder each half foretells by itself: the forward state at t token t+1, the backward state token
    t−1, so that neither has seen what it foretells (Peters et al. 2018, "Deep contextualized word representations").
    Output weights are the embedding's (Press & Wolf 2017, "Using the output embedding to improve language models").

    Parameters: `embedding` and `encoder`, shared with whoever is to be pre-trained; in two directions the encoder has
    one layer, since a second would let each half read the other, and with it the answer; `hidden_size` H a direction;
    `directions` D; `dropout` of hidden states, 0 to 1. Raises ValueError for more layers there.
    """

    def __init__(
        self, embedding: nn.Embedding, encoder: Encoder, hidden_size: int, directions: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        if directions == 2 and len(encoder.layers) != 1:
            raise ValueError(
                f"the encoder has {len(encoder.layers)} layers in two directions; a language model needs one, since a "
                "second would read what it is to foretell"
            )
        self.embedding = embedding
        self.encoder = encoder
        self.hidden_size = hidden_size
        self.dropout = nn.Dropout(dropout)
        self.projections = nn.ModuleList(nn.Linear(hidden_size, embedding.embedding_dim) for _ in range(directions))
        self.bias = nn.Parameter(torch.zeros(embedding.num_embeddings))

    def forward(self, ids: Tensor, lengths: Tensor) -> list[tuple[Tensor, Tensor]]:
        """ids (B,T), lengths (B,) -> for each direction what foretells (N,E) and the tokens foretold (N,).

        N is the number of tokens that have one before (after) them, padding left out. A logit is the product of what
        foretells with a token's embedding, plus its bias.
        """
        hidden = self.dropout(self.encoder(self.embedding(ids), lengths))  # (B,T,D·H)
        inside = torch.arange(ids.size(1) - 1, device=ids.device) < (lengths - 1).unsqueeze(1)  # (B,T-1)
        found: list[tuple[Tensor, Tensor]] = []
        for direction, projection in enumerate(self.projections):
            half = hidden[..., direction * self.hidden_size : (direction + 1) * self.hidden_size]
            if direction == 0:
                found.append((projection(half[:, :-1][inside]), ids[:, 1:][inside]))
            else:
                found.append((projection(half[:, 1:][inside]), ids[:, :-1][inside]))
        return found

    def losses(self, states: Tensor, targets: Tensor) -> Tensor:
        """Negative log-likelihood in nats (N,) of `targets` (N,) under `states` (N,E), over the whole vocabulary."""
        logits = states @ self.embedding.weight.t() + self.bias
        return nn.functional.cross_entropy(logits, targets, reduction="none")

    def sampled_loss(self, states: Tensor, targets: Tensor, sample: Tensor, log_expected: Tensor) -> Tensor:
        """What training lowers in the place of `losses`: the target told from a sample of the vocabulary; nats.

        The mean; some hundred times cheaper. A token's logit is lowered by the log of how often the sample is expected
        to hold it, which makes the best logits those of the whole vocabulary (Jean et al. 2015); the value itself is
        another and says nothing of perplexity.

        Parameters: `sample` (K,) token ids drawn with replacement, shared by all N; `log_expected` (V,), log of
        K times a token's probability of being drawn.
        """
        true = (states * self.embedding(targets)).sum(1) + self.bias[targets] - log_expected[targets]
        others = states @ self.embedding(sample).t() + self.bias[sample] - log_expected[sample]  # (N,K)
        others = others.masked_fill(targets.unsqueeze(1) == sample, float("-inf"))
        return (torch.logsumexp(torch.cat((true.unsqueeze(1), others), dim=1), dim=1) - true).mean()
