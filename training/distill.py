"""The teacher: what n-grams and trained networks together hold of each real review, for one small network to learn.

python -m training.distill                                        # n-grams alone
python -m training.distill --networks artifacts/a artifacts/b     # and these models

Writes training/teacher.npz: for each training review, labelled or not, the teacher's logit(positive) −
logit(negative), filed under the text's hash, so that the network can be distilled again (Hinton et al. 2015) without
the teacher. Where a label is known, who judges has not seen it: n-grams alone, out of fold.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from models.artifact import ArtifactError
from models.labels import NEGATIVE, POSITIVE
from models.predictor import Predictor
from training.corpora import Corpora, load_corpora
from training.download import MissingCorpusError
from training.examples import token_ids
from training.ngrams import Floats, NGrams
from training.review import Review
from training.splits import CALIBRATION, DEV, TRAIN, content_hash
from training.teacher import FILE, TAUGHT, UNLABELLED, Teacher

_SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class _Views:
    """Logit differences (N,K) by split, of K members, and the reviews that they are of."""

    reviews: dict[str, list[Review]]
    logits: dict[str, Floats]


def teach(corpora: Corpora, networks: Sequence[Predictor]) -> Teacher:
    """Asks every member about every review, and weighs them on the calibration split, language by language.

    Members are the two views of `NGrams`, made for each corpus apart, and the `networks`. Weights are those of a
    logistic regression over the members' logits. Labelled reviews are judged by the n-grams alone, out of fold, since
    the networks have learned their labels; unlabelled ones, and dev for the figures, by all. Raises ValueError where a
    language has nothing to be weighed on.
    """
    views = {}
    with tqdm([name for name in TAUGHT if corpora.select(TRAIN, [name])], desc="teacher", disable=None) as bar:
        for name in bar:
            bar.set_postfix_str(name)
            views[name] = _views(corpora, name, networks)
    logits: dict[str, float] = {}
    figures: dict[str, Any] = {"members": ["tf-idf", "log-count ratios", *(network.version for network in networks)]}
    figures["weights"] = {}
    together, ngrams = {}, {}
    for language in sorted({review.language for one in views.values() for review in one.reviews[TRAIN]}):
        model = together[language] = _weigh(language, views, len(figures["members"]))
        ngrams[language] = _weigh(language, views, 2)
        figures["weights"][language] = [round(float(one), 4) for one in (*model.coef_[0], model.intercept_[0])]
    for name, one in views.items():
        model, unseen = together[one.reviews[TRAIN][0].language], ngrams[one.reviews[TRAIN][0].language]
        judged = model.decision_function(one.logits[TRAIN])
        # The networks know these labels by heart; the n-grams, out of fold, do not.
        labelled = [index for index, review in enumerate(one.reviews[TRAIN]) if review.label is not None]
        judged[labelled] = unseen.decision_function(one.logits[TRAIN][labelled, :2])
        for review, logit in zip(one.reviews[TRAIN], judged, strict=True):
            logits[content_hash(review.text)] = float(np.clip(logit, -20, 20))
        if one.reviews[DEV]:
            true = np.array([review.label == POSITIVE for review in one.reviews[DEV]])
            right = (model.decision_function(one.logits[DEV]) > 0) == true
            alone = (one.logits[DEV] > 0) == true[:, None]
            figures[name] = {
                "rows": len(true),
                "accuracy": float(right.mean()),
                "members": [float(member) for member in alone.mean(axis=0)],
            }
    return Teacher(logits, figures)


def _views(corpora: Corpora, name: str, networks: Sequence[Predictor]) -> _Views:
    labelled = corpora.select(TRAIN, [name], labelled=True)
    unlabelled = corpora.select(TRAIN, [UNLABELLED[name]]) if name in UNLABELLED else []
    reviews = {
        TRAIN: labelled + unlabelled,
        CALIBRATION: corpora.select(CALIBRATION, [name], labelled=True),
        DEV: corpora.select(DEV, [name], labelled=True),
    }
    ngrams = NGrams(labelled)
    ngram_logits = {
        TRAIN: np.concatenate((ngrams.out_of_fold(), ngrams.logits(unlabelled))) if unlabelled else ngrams.out_of_fold()
    }
    for split in (CALIBRATION, DEV):
        ngram_logits[split] = ngrams.logits(reviews[split]) if reviews[split] else np.zeros((0, 2))
    logits = {
        split: np.column_stack((ngram_logits[split], *(_network_logits(network, rows) for network in networks)))
        for split, rows in reviews.items()
    }
    return _Views(reviews, logits)


def _network_logits(network: Predictor, reviews: Sequence[Review]) -> Floats:
    """logit(positive) − logit(negative) (N,) of the network, before any temperature."""
    found = []
    for start in range(0, len(reviews), 2_048):
        texts = [review.text for review in reviews[start : start + 2_048]]
        logits = network.logits(token_ids(texts, network.tokenizer, network.max_tokens))
        found.append((logits[:, POSITIVE] - logits[:, NEGATIVE]).double().numpy())
    return np.concatenate(found) if found else np.zeros(0)


def _weigh(language: str, views: Mapping[str, _Views], members: int) -> LogisticRegression:
    """The first `members` columns of logits weighed by what they say of calibration reviews."""
    rows = [one for one in views.values() if one.reviews[TRAIN][0].language == language]
    labels = [review.label == POSITIVE for one in rows for review in one.reviews[CALIBRATION]]
    if len(set(labels)) < 2:
        raise ValueError(
            f"{len(labels)} calibration reviews in {language}: a teacher's members can't be weighed on them"
        )
    return LogisticRegression().fit(np.concatenate([one.logits[CALIBRATION][:, :members] for one in rows]), labels)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.distill", description="Writes what a teacher holds of the training reviews."
    )
    parser.add_argument("--networks", nargs="*", type=Path, default=[], help="folders of artifacts that join in")
    parser.add_argument("--data-dir", type=Path, help="folder of the corpora (default: $DATA_DIR, else data)")
    parser.add_argument("--out", type=Path, default=FILE, help=f"file to write (default: {FILE.name} beside this)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N, for the networks (default: auto)")
    options = parser.parse_args(arguments)
    try:
        if not options.out.parent.is_dir():  # before the work, not after it
            raise ValueError(f"there is no folder {options.out.parent} to write {options.out.name} into")
        networks = [Predictor.load(folder / "sentiment.pt", options.device) for folder in options.networks]
        corpora = load_corpora((*TAUGHT, *UNLABELLED.values()), options.data_dir, progress=True)
        for note in (*corpora.notes, *corpora.problems[:_SHOWN_PROBLEMS]):
            print(f"note: {note}")
        empty = [name for name in TAUGHT if not corpora.select(TRAIN, [name])]
        if empty:
            raise ValueError(
                f"no review of {', '.join(empty)} could be read; a teacher that lacks them would be a poor one"
            )
        teacher = teach(corpora, networks)
        teacher.write(options.out)
    except (ArtifactError, MissingCorpusError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    for name in TAUGHT:
        if name in teacher.figures:
            figures = teacher.figures[name]
            members = ", ".join(f"{one:.3f}" for one in figures["members"])
            print(f"{name:16} dev accuracy {figures['accuracy']:.3f} of {figures['rows']:,} (members {members})")
    print(f"wrote {options.out}: {len(teacher.logits):,} reviews, {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
