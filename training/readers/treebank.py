"""Stanford Sentiment Treebank: bracketed trees in which every phrase has a label from 0 to 4.

Source: Socher et al. 2013, "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank";
https://nlp.stanford.edu/sentiment/. Labels 0 and 1 are negative, 2 neutral, 3 and 4 positive. Sentences are the
corpus `sst`, all smaller phrases of the training sentences the corpus `sst_phrases`. The official test file is
never opened.
"""

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from models.labels import NEGATIVE, NEUTRAL, POSITIVE
from training.readers.detokenize import detokenize
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import TRAIN, content_key, treebank_dev_split

FILES = {"dev": "sst/trees/dev.txt", "train": "sst/trees/train.txt"}  # dev first: see `read`
LABELS = {"0": NEGATIVE, "1": NEGATIVE, "2": NEUTRAL, "3": POSITIVE, "4": POSITIVE}
PART = re.compile(r"\(([^\s()]+)\s+|(\))|([^\s()]+)|\s+|(.)")

Phrase = tuple[int, tuple[str, ...]]  # label, tokens


def read(data_dir: Path, names: Collection[str]) -> Reading:
    """Read the training and development trees under data_dir; phrases only where `sst_phrases` is named.

    A training tree whose sentence is a development sentence is left out with all its phrases: copies of train.txt
    are about that have the development sentences appended.
    """
    reading = Reading()
    measured: set[str] = set()
    phrases: dict[tuple[str, ...], Counter[int]] = {}
    places: dict[tuple[str, ...], str] = {}
    for split, shown in FILES.items():
        path, rows = data_dir / shown, 0
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
            if not line.strip():
                continue
            place = f"{shown}:{number}"
            try:
                tree = parse(line)
            except ValueError as error:
                reading.problems.append(Problem("sst", place, str(error)))
                continue
            rows += 1
            label, tokens = tree[-1]
            sentence = detokenize(list(tokens))
            part = TRAIN if split == "train" else treebank_dev_split(sentence)
            if split == "dev":
                measured.add(content_key(sentence))
            elif content_key(sentence) in measured:
                reading.dropped["sst", "development sentence in train.txt"] += 1
                continue
            if "sst" in names:
                reading.reviews.append(Review(sentence, label, "en", "sst", part, place))
            if split == "train" and "sst_phrases" in names:
                for label, tokens in tree[:-1]:
                    phrases.setdefault(tokens, Counter())[label] += 1
                    places.setdefault(tokens, place)
        reading.files.append(SourceFile(shown, sha256_of(path), rows))
    _add_phrases(reading, phrases, places)
    return reading


def parse(line: str) -> list[Phrase]:
    """Every phrase of one bracketed tree, in the order in which the brackets close: the sentence comes last.

    Raises:
        ValueError: brackets that don't match, a label other than 0 to 4, a node that is empty.
    """
    phrases: list[Phrase] = []
    tokens: list[str] = []
    open_nodes: list[tuple[int, int]] = []  # label, index of the first token
    done = False
    for match in PART.finditer(line):
        label, closing, token, stray = match.groups()
        if stray:
            raise ValueError(f"column {match.start() + 1}: a bracket without a label")
        if (label or closing or token) and done:
            raise ValueError(f"column {match.start() + 1}: text after the tree has ended")
        if label:
            if label not in LABELS:
                raise ValueError(f"column {match.start() + 1}: label is {label!r}, expected 0 to 4")
            open_nodes.append((LABELS[label], len(tokens)))
        elif token:
            if not open_nodes:
                raise ValueError(f"column {match.start() + 1}: a token outside all brackets")
            tokens.append(token)
        elif closing:
            if not open_nodes:
                raise ValueError(f"column {match.start() + 1}: a bracket closes that was never opened")
            value, start = open_nodes.pop()
            if start == len(tokens):
                raise ValueError(f"column {match.start() + 1}: a node without tokens")
            phrases.append((value, tuple(tokens[start:])))
            done = not open_nodes
    if not done:
        raise ValueError(f"{len(open_nodes)} brackets are left open")
    return phrases


def _add_phrases(
    reading: Reading, phrases: dict[tuple[str, ...], Counter[int]], places: dict[tuple[str, ...], str]
) -> None:
    """One review a phrase: spellings of one text are counted together, the majority label wins, a tie goes."""
    votes: dict[str, Counter[int]] = {}
    first: dict[str, Review] = {}
    for tokens, counts in phrases.items():
        text = detokenize(list(tokens))
        key = content_key(text)
        votes.setdefault(key, Counter()).update(counts)
        first.setdefault(key, Review(text, None, "en", "sst_phrases", TRAIN, places[tokens]))
    for key, counts in votes.items():
        ranked = counts.most_common(2)
        reading.dropped["sst_phrases", "duplicate"] += counts.total() - 1
        if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
            reading.dropped["sst_phrases", "contradicting labels"] += 1
            continue
        found = first[key]
        reading.reviews.append(Review(found.text, ranked[0][0], "en", "sst_phrases", TRAIN, found.source))
