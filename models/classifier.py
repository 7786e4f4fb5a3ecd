"""The network: token ids (B,T) -> embedding -> encoder -> pooling -> linear head -> logits (B,C)."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from models.encoder import Encoder
from models.labels import LABELS
from models.pooling import Pooling
from models.text import PAD


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of a classifier; with a vocabulary it makes one, and the manifest carries it.

    One bidirectional LSTM layer, max and mean pooling and a linear head make a word's share of the verdict exact.
    The default model has 160 hidden units.
    """

    vocabulary_size: int
    embedding_size: int = 128
    encoder: str = "lstm"
    hidden_size: int = 128
    layers: int = 1
    directions: int = 2
    pooling: str = "max+mean"
    embedding_dropout: float = 0.0
    layer_dropout: float = 0.0
    head_dropout: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


class SentimentClassifier(nn.Module):
    """Logits for negative, neutral, positive from a padded batch; scriptable as a whole."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a = architecture
        self.embedding = nn.Embedding(a.vocabulary_size, a.embedding_size, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=0.1)
        with torch.no_grad():
            self.embedding.weight[PAD].zero_()
        self.embedding_dropout = nn.Dropout(a.embedding_dropout)
        self.encoder = Encoder(a.encoder, a.embedding_size, a.hidden_size, a.layers, a.directions, a.layer_dropout)
        self.pooling = Pooling(a.pooling, a.directions)
        self.head_dropout = nn.Dropout(a.head_dropout)
        self.head = nn.Linear(self.pooling.parts * a.directions * a.hidden_size, len(LABELS))

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids (B,T) int64, lengths (B,) int64, each 1 to T -> logits (B,C), in the order of LABELS.

        What stands past a length changes nothing.
        """
        x = self.embedding_dropout(self.embedding(ids))  # (B,T,E)
        hidden = self.encoder(x, lengths)  # (B,T,D·H)
        return self.head(self.head_dropout(self.pooling(hidden, lengths)))

    def states(self, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The recurrence laid open: hidden (L·D,B,T,H), cell states (L·D,B,T,H or 0), gates (L·D,B,T,G·H or 0).

        Stepped through with models/cells.py, so slower than `forward`, with which its hidden states agree.
        """
        return self.encoder.unroll(self.embedding(ids), lengths)
