"""The published corpora themselves: row counts, splits and traps as they were counted by hand.

Skipped where DATA_DIR does not hold them. The counts are of files whose test part is taken out already.
"""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from training import corpora
from training.corpora import load_corpora
from training.sentences import read_sentences
from training.splits import content_key, letters_key

DATA_DIR = os.environ.get("DATA_DIR", "")
MISSING = [file for files in corpora.FILES.values() for file in files if not (Path(DATA_DIR) / file).exists()]

pytestmark = [
    pytest.mark.skipif(not DATA_DIR, reason="DATA_DIR is not set: it names the folder with the published corpora"),
    pytest.mark.skipif(
        bool(DATA_DIR and MISSING), reason=f"DATA_DIR={DATA_DIR} lacks {', '.join(dict.fromkeys(MISSING))}"
    ),
]

# An escape of the treebank, or a token that stands apart from its word
ODDITY = re.compile(r"-[LR][RSC]B-|\\/|``|''| n't| '(s|re|ve|ll|d|m)\b|\s[,.;:!?%)](\s|$)|\(\s|`", re.IGNORECASE)


@pytest.fixture(scope="module")
def loaded():
    return load_corpora(data_dir=Path(DATA_DIR), download=False)


def test_rows_of_each_file(loaded):
    rows = {file.path: file.rows for file in loaded.files}
    assert rows["sst/trees/train.txt"] == 8_544
    assert rows["sst/trees/dev.txt"] == 1_101
    assert rows["counterfactual/combined/paired/train_paired.tsv"] == 2 * 1_707
    assert rows["counterfactual/combined/paired/dev_paired.tsv"] == 2 * 245
    assert rows["imdb/aclImdb_v1.tar.gz"] == 24_509 + 49_992
    assert sum(count for path, count in rows.items() if path.startswith("amazon/")) == 4_847
    assert rows["chinese/online_shopping_10_cats.csv"] == 49_990 - 1  # one review is empty
    assert rows["chinese/ChnSentiCorp_htl_all.csv"] == 6_202 - 1
    assert rows["chinese/waimai_10k.csv"] == 9_586


def test_few_rows_are_bad_and_each_is_placed(loaded):
    assert sorted((problem.corpus, problem.reason) for problem in loaded.problems) == [
        ("hotel", "empty review"),
        ("online_shopping", "empty review"),
    ]
    assert all(re.fullmatch(r"chinese/\w+\.csv:\d+", problem.place) for problem in loaded.problems)


def test_what_measures_does_not_train(loaded):
    training = Counter(content_key(review.text) for review in loaded.select("train"))
    assert max(training.values()) == 1
    for split in ("dev", "calibration"):
        assert not [review.source for review in loaded.select(split) if content_key(review.text) in training]


def test_no_original_of_a_dev_pair_is_in_imdbs_training(loaded):
    pairs = {letters_key(review.text) for review in loaded.select("dev", ["counterfactual"])}
    films = loaded.select("train", ["imdb", "imdb_unlabelled"])
    assert not [review.source for review in films if letters_key(review.text) in pairs]
    assert loaded.dropped["imdb", "original of a counterfactual dev pair"] == 230


def test_no_film_is_on_two_sides(loaded):
    splits: dict[str, set[str]] = {}
    for review in loaded.select(corpora=["imdb", "imdb_unlabelled"]):
        splits.setdefault(review.group, set()).add(review.split)
    assert not [film for film, found in splits.items() if len(found) > 1]


def test_dev_rows(loaded):
    counts = {corpus: sum(splits["dev"].values()) for corpus, splits in loaded.counts().items() if "dev" in splits}
    assert 2_400 < counts["imdb"] <= 2_512
    assert counts["sst"] + len(loaded.select("calibration", ["sst"])) in range(1_095, 1_102)
    assert 485 <= counts["counterfactual"] <= 490
    assert (counts["online_shopping"], counts["hotel"], counts["waimai"]) == (3_207, 425, 619)


def test_the_treebank_reads_as_text(loaded):
    sentences = loaded.select(corpora=["sst"])
    assert not [review.source for review in sentences if ODDITY.search(review.text)]
    assert len(loaded.select("train", ["sst_phrases"])) > 140_000


def test_no_markup_is_left(loaded):
    films = loaded.select(corpora=["imdb", "imdb_unlabelled", "counterfactual"])
    assert not [review.source for review in films if "<br />" in review.text]
    quoted = [review for review in loaded.select(corpora=["counterfactual"]) if '""' in review.text]
    assert not [review.source for review in quoted if review.text[0] == review.text[-1] == '"']
    assert not [review.source for review in loaded.reviews if not review.text.strip() or "\ufeff" in review.text]


def test_every_labelled_sentence_is_found_in_a_training_review(loaded):
    """The labels hang on how reviews are read and cut; a change there would lose them."""
    reading = read_sentences(loaded.reviews)
    assert len(reading.reviews) > 100_000
    assert reading.dropped["sentences", "in no review that was read"] < 0.001 * len(reading.reviews)
