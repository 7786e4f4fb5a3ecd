"""All the reviews that a run trains and measures on: corpora, written sentences, a user's own file."""

from collections import Counter
from pathlib import Path

from training.corpora import Corpora, load_corpora
from training.duplicates import deduplicate
from training.readers.reading import Reading
from training.recipe import Recipe
from training.review import Review
from training.starter import write_reviews

_CONTEXT_DEV = 2_000
_CONTEXT_CALIBRATION = 600


def gather(recipe: Recipe, data_dir: Path | None = None, user: Reading | None = None) -> Corpora:
    """Reads what `recipe` names, writes its context sentences, adds `user`, and takes out duplicates across all.

    Raises MissingCorpusError where a corpus is neither there nor to be had.
    """
    names = list(recipe.corpora)
    if recipe.embeddings.start == "in-domain" and "imdb" in names:
        names.append("imdb_unlabelled")
    corpora = load_corpora(names, data_dir, progress=True) if names else Corpora([], [], [], Counter(), [])
    reviews, dropped = list(corpora.reviews), corpora.dropped
    if recipe.context_sentences:
        reviews += context_reviews(recipe.context_sentences, recipe.seed)
    problems, files = list(corpora.problems), list(corpora.files)
    if user is not None:
        reviews += user.reviews
        problems += user.problems
        files += user.files
        dropped = dropped + user.dropped
        reviews, doubled = deduplicate(reviews)
        dropped = dropped + doubled
    return Corpora(reviews, problems, files, dropped, corpora.notes)


def context_reviews(count: int, seed: int) -> list[Review]:
    """`count` training sentences of the grammar, and its dev and calibration sentences."""
    reviews: list[Review] = []
    for split, rows in (("train", count), ("dev", _CONTEXT_DEV), ("calibration", _CONTEXT_CALIBRATION)):
        reviews += write_reviews(rows, seed, split)
    return reviews
