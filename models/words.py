"""The words of a text as the network reads it: token ids, and which of them make up which word, by code points."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.batching import MAX_CHARACTERS, cut_text, truncate
from models.text import Tokenizer


@dataclass(frozen=True, slots=True)
class Word:
    """`text`, from code point `start` up to `end` of the whole text; the tokens `first` up to `last`, both included."""

    text: str
    start: int
    end: int
    first: int
    last: int


def read_words(text: str, tokenizer: Tokenizer, max_tokens: int) -> tuple[list[int], list[Word], int]:
    """The ids that the network reads, 1 to `max_tokens`; their words in order; how many ids the whole text has.

    A Chinese character is a word. Words that are cut out of a long text are in neither. A text without tokens is one
    unknown word.
    """
    (tokens,) = tokenizer.encode([cut_text(text)])
    if not tokens.ids:
        return truncate([], max_tokens), [Word(text, 0, len(text), 0, 0)], 0
    kept = truncate(list(range(len(tokens.ids))), max_tokens)
    left_out = len(text) - len(cut_text(text))
    words: list[Word] = []
    before = None
    for place, index in enumerate(kept):
        start, end = (_in_whole_text(offset, left_out) for offset in tokens.offsets[index])
        # Signs that come of one, such as the three dots of an ellipsis, are one word too.
        if words and (tokens.words[index] == before or start < words[-1].end):
            word = words.pop()
            end = max(end, word.end)
            words.append(Word(text[word.start : end], word.start, end, word.first, place))
        else:
            words.append(Word(text[start:end], start, end, place, place))
        before = tokens.words[index]
    return [tokens.ids[index] for index in kept], words, len(tokens.ids)


def by_word(values: Tensor, words: Sequence[Word]) -> Tensor:
    """Values (D,T) of tokens -> sums (D,W) over the tokens of each word."""
    return torch.stack([values[:, word.first : word.last + 1].sum(1) for word in words], dim=1)


def _in_whole_text(offset: int, left_out: int) -> int:
    """`cut_text` puts one space where it leaves the middle out."""
    return offset + left_out if left_out and offset > MAX_CHARACTERS // 2 else offset
