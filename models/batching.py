"""Token ids -> padded batches: the only place that truncates, pads and decides what an empty text is."""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.text import PAD, UNKNOWN

MAX_CHARACTERS = 100_000
"""A longer text is cut in the middle before it is tokenized, so that one field of 100 MB costs no more than this."""

WIDTH_STEP = 8
"""Widths of batches that are served are multiples of it. For each width and number of texts oneDNN keeps a program, up
to 1,024 of them: with any width, 120 MB more, reached after 100,000 requests (`make soak`)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts side by side, padded at their ends: `ids` (B,T) int64, `lengths` (B,) int64, each at least 1."""

    ids: Tensor
    lengths: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(self.ids.to(device), self.lengths.to(device))


def cut_text(text: str) -> str:
    """The text itself, or of one past MAX_CHARACTERS its first and last halves of that many."""
    if len(text) <= MAX_CHARACTERS:
        return text
    half = MAX_CHARACTERS // 2
    return text[:half] + " " + text[-half:]


def truncate(ids: list[int], max_tokens: int) -> list[int]:
    """Cuts in the middle, since reviews begin and end with their verdict; keeps at most `max_tokens` ids.

    A text without tokens becomes one unknown token, so that every text has a hidden state.
    """
    if not ids:
        return [UNKNOWN]
    if len(ids) <= max_tokens:
        return ids
    head = (max_tokens + 1) // 2
    tail = max_tokens - head
    return ids[:head] + ids[len(ids) - tail :]


def collate(sequences: Sequence[list[int]], multiple: int = 1) -> Batch:
    """Pads sequences of at least one id each to one batch, whose width is a multiple of `multiple`."""
    lengths = [len(one) for one in sequences]
    width = max(lengths)
    width += -width % multiple
    flat = array("q")  # int64; from a list of lists torch takes four times as long
    for one in sequences:
        flat.extend(one)
        flat.extend([PAD] * (width - len(one)))
    ids = torch.frombuffer(flat, dtype=torch.int64).view(len(sequences), width)
    return Batch(ids, torch.tensor(lengths))


def group_by_length(
    lengths: Sequence[int], max_texts: int, max_tokens: int, max_padding: float = math.inf
) -> Iterator[list[int]]:
    """Groups of indices of like length, shortest first, each of at most `max_texts` texts.

    A group also holds at most `max_tokens` tokens, padding counted, and so little padding that it would fill at most
    `max_padding` texts, but always one text: the first bounds memory, the second what is computed for nothing.
    """
    group: list[int] = []
    tokens = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[index]
        padded = (len(group) + 1) * length
        padding = padded - length - tokens
        if group and (len(group) == max_texts or padded > max_tokens or padding > max_padding * length):
            yield group
            group, tokens = [], 0
        group.append(index)
        tokens += length
    if group:
        yield group
