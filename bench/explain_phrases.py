"""Whether spans are scored as people labelled them: correlation with the treebank's phrase labels on dev sentences."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from tqdm import tqdm

from bench.explain_methods import DECOMPOSITION, GRADIENTS, LEFT_OUT, SIGNALS, WRITES, Methods
from bench.explain_plots import plot_phrases
from bench.explain_sample import drawn
from models.words import Word
from training.corpora import Corpora
from training.readers import treebank
from training.readers.detokenize import detokenize
from training.tables import table

LENGTHS = range(2, 9)  # in leaves of the tree
SENTENCES = 1_000  # more than there are
ALONE = "read alone, without its sentence"


@dataclass(frozen=True, slots=True)
class LabelledSpan:
    """A phrase inside its sentence: its `value`, 0 to 4 from worst to best, as people gave it, its `leaves`, and the
    code points from `start` up to `end`."""

    value: int
    leaves: int
    start: int
    end: int


def phrases(methods: Methods, corpora: Corpora, data_dir: Path, limit: int | None, pictures: Path) -> str:
    """Spearman and Pearson by method and by length of span, as Markdown."""
    trees: dict[str, list[str]] = {}
    values: list[float] = []
    lengths: list[int] = []
    scores: dict[str, list[float]] = {}
    sentences = drawn(corpora, ["sst"])[: limit or SENTENCES]
    for review in tqdm(sentences, desc="phrases", unit="sentence", disable=None):
        file, _, number = review.source.rpartition(":")
        lines = trees.setdefault(file, (data_dir / file).read_text(encoding="utf-8", errors="replace").split("\n"))
        ids, words = methods.words(review.text)
        labelled = [
            (span, mask)
            for span in labelled_spans(lines[int(number) - 1])
            if span.leaves in LENGTHS and (mask := tokens_in(span, words, len(ids))) is not None and not mask.all()
        ]
        if not labelled:
            continue
        values += [span.value for span, _ in labelled]
        lengths += [span.leaves for span, _ in labelled]
        for name, found in _scores(methods, ids, torch.stack([mask for _, mask in labelled])).items():
            scores.setdefault(name, []).extend(found.tolist())
    by_length = {
        name: [_spearman_at(some, values, lengths, length) for length in LENGTHS] for name, some in scores.items()
    }
    plot_phrases(by_length, LENGTHS, pictures / "phrases.png")
    rows = []
    for name, some in scores.items():
        shown = [f"{value:.3f}" for value in (spearman(some, values), pearson(some, values), *by_length[name])]
        rows.append([name, *shown])
    counts = ["spans", *[f"{len(values):,}"] * 2, *(f"{lengths.count(length):,}" for length in LENGTHS)]
    return table(["method", "Spearman", "Pearson", *map(str, LENGTHS)], [*rows, counts])


def labelled_spans(line: str) -> list[LabelledSpan]:
    """Every phrase of one bracketed tree, in the order in which the brackets close. Raises ValueError as
    `treebank.parse` does."""
    treebank.parse(line)
    leaves: list[str] = []
    opened: list[tuple[int, int]] = []  # value, leaves before it
    closed: list[tuple[int, int, int]] = []
    for match in treebank.PART.finditer(line):
        label, closing, leaf, _ = match.groups()
        if label:
            opened.append((int(label), len(leaves)))
        elif leaf:
            leaves.append(leaf)
        elif closing:
            closed.append((*opened.pop(), len(leaves)))
    # Text is only ever added to, so what the first leaves make is where the next begins.
    ends = [len(detokenize(leaves[:count])) for count in range(len(leaves) + 1)]
    return [LabelledSpan(value, last - first, ends[first], ends[last]) for value, first, last in closed]


def tokens_in(span: LabelledSpan, words: list[Word], size: int) -> Tensor | None:
    """True at a span's tokens -> (T,) of `size`; None where it holds no word or a part of one, as in `does | n't`."""
    mask = torch.zeros(size, dtype=torch.bool)
    for word in words:
        if span.start <= word.start and word.end <= span.end:
            mask[word.first : word.last + 1] = True
        elif word.start < span.end and span.start < word.end:
            return None
    return mask if mask.any() else None


def pearson(a: ArrayLike, b: ArrayLike) -> float:
    """Correlation of two rows of numbers; nan where one of them doesn't vary."""
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / scale if scale else float("nan")


def spearman(a: list[float], b: list[float]) -> float:
    """Correlation of ranks; those that are equal share theirs."""
    return pearson(_ranks(a), _ranks(b))


def _ranks(values: list[float]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _spearman_at(scores: list[float], values: list[float], lengths: list[int], length: int) -> float:
    at = [place for place, one in enumerate(lengths) if one == length]
    return spearman([scores[place] for place in at], [values[place] for place in at]) if at else float("nan")


def _scores(methods: Methods, ids: list[int], spans: Tensor) -> dict[str, Tensor]:
    opened = methods.open(ids)
    inside = spans.float()
    return {
        DECOMPOSITION: methods.decomposed(opened, spans),
        f"{SIGNALS}, summed": inside @ methods.shares(opened, "signals"),
        f"{WRITES}, summed": inside @ methods.shares(opened, "writes"),
        f"{GRADIENTS}, summed": inside @ methods.integrated_gradients(ids),
        f"{LEFT_OUT}, of the span": methods.left_out(ids, spans),
        ALONE: methods.z([[token for token, kept in zip(ids, row, strict=True) if kept] for row in spans.tolist()]),
    }
