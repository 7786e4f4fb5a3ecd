"""The encoder as a language model: before it judges reviews, it learns to foretell their words.

In a bidirectional encoder each half does so by itself: the forward state at t foretells token t+1, the backward state
token t−1, so that neither has seen what it foretells (Peters et al. 2018, "Deep contextualized word representations").
Output weights are the embedding's (Press & Wolf 2017, "Using the output embedding to improve language models").
"""

import torch
from torch import Tensor, nn

from models.encoder import Encoder


class LanguageModel(nn.Module):
    """Embedding (V,E) -> encoder -> for each direction a projection H -> E -> logits over V tokens.

    Parameters: `embedding` and `encoder`, shared with whoever is to be pre-trained; the encoder has one layer, since a
    second one would let each half read the other, and with it the answer; `hidden_size` H of one direction;
    `directions` D; `dropout` of hidden states, 0 to 1. Raises ValueError for an encoder of more layers.
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
