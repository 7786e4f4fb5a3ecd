"""Sentences of real reviews, each labelled by itself: `training/sentences/`, the corpus `sentences`.

A review's label says little of a single sentence in it: half of them tell the plot, and praise of one thing stands in
a review that blames the rest. The labels are the project's own; the texts stay in their corpora, and a label finds its
sentence by content.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from models.labels import LABELS
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import TRAIN, content_hash, letters_key, user_split

FOLDER = Path(__file__).parent / "sentences"
SOURCES = ("imdb", "imdb_unlabelled", "amazon", "online_shopping", "hotel", "waimai")
"""Corpora whose training reviews are cut into sentences."""

# After a full stop, question or exclamation mark, whose closing quotation marks go; in English before a capital, a
# digit or an opening mark, so that "..." inside a sentence stays and "Mr. Smith" is cut. The labels hang on this rule:
# another would leave them without their sentences.
_END = {
    "en": re.compile(r"""(?<=[.!?])(?:["')\]]+)?\s+(?=["'(\[]*[A-Z0-9])"""),
    "zh": re.compile(r"(?<=[。！？!?；;])[”’\"')）]*\s*|\s*\n\s*"),
}
_LENGTHS = {"en": range(3, 36), "zh": range(4, 51)}  # in words, in characters


def read_sentences(reviews: Sequence[Review], folder: Path = FOLDER) -> Reading:
    """The corpus `sentences`: those of the training reviews in `reviews` that `folder` has a label for.

    Each file is TSV without a header: label, hash (`splits.content_hash`). One sentence in twenty is of split dev, one
    of calibration, by its letters, so that two that differ in punctuation stand on one side; the group is the corpus
    that it stands in. What finds no sentence in `reviews` is counted in `dropped`.
    """
    reading = Reading()
    labels: dict[str, int] = {}
    for path in sorted(folder.glob("*.tsv")):
        place = f"training/sentences/{path.name}"
        rows = 0
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            label, _, key = line.partition("\t")
            if label not in LABELS or not re.fullmatch("[0-9a-f]{16}", key):
                reason = f"expected {' or '.join(LABELS)}, a tab and 16 hex digits"
                reading.problems.append(Problem("sentences", f"{place}:{number}", reason))
                continue
            labels[key] = LABELS.index(label)
            rows += 1
        reading.files.append(SourceFile(place, sha256_of(path), rows))
    reading.reviews = list(_labelled(reviews, labels))
    missing = len(labels) - len(reading.reviews)
    if missing:
        reading.dropped["sentences", "in no review that was read"] += missing
    return reading


def sentences(review: Review) -> list[str]:
    """The review's sentences of 3 to 35 English words or 4 to 50 Chinese characters; none where it is but one."""
    if review.language not in _END:
        return []
    parts = [" ".join(part.split()) for part in _END[review.language].split(review.text)]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return []
    return [part for part in parts if _size(part, review.language) in _LENGTHS[review.language]]


def distinct_sentences(reviews: Sequence[Review]) -> Iterator[Review]:
    """Each sentence of the training reviews once, at its first place; of split train and without a label."""
    seen: set[str] = set()
    for review in reviews:
        if review.corpus in SOURCES and review.split == TRAIN:
            for text in sentences(review):
                key = content_hash(text)
                if key not in seen:
                    seen.add(key)
                    yield replace(review, text=text, label=None, corpus="sentences", group=review.corpus)


def _labelled(reviews: Sequence[Review], labels: Mapping[str, int]) -> Iterator[Review]:
    for sentence in distinct_sentences(reviews):
        label = labels.get(content_hash(sentence.text))
        if label is not None:
            yield replace(sentence, label=label, split=user_split(letters_key(sentence.text)))


def _size(text: str, language: str) -> int:
    return len(text.split()) if language == "en" else len(text)
