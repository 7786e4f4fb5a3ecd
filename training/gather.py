"""All the reviews that a run trains and measures on: corpora, written sentences, a user's own file."""

from collections import Counter
from pathlib import Path

from training.corpora import CORPORA, Corpora, load_corpora
from training.duplicates import deduplicate
from training.readers.reading import Reading, SourceFile, sha256_of
from training.recipe import Recipe
from training.review import Review
from training.starter import write_reviews

GRAMMAR = sorted((Path(__file__).parent / "starter_grammar").glob("*.txt"))
_CONTEXT_DEV = 2_000
_CONTEXT_CALIBRATION = 600


def gather(recipe: Recipe, data_dir: Path | None = None, user: Reading | None = None) -> Corpora:
    """Reads what `recipe` names, writes its context sentences, adds `user`, and takes out duplicates across all.

    Raises MissingCorpusError where a corpus is neither there nor to be had, ValueError for a name that is none and for
    a corpus that gave no review.
    """
    unknown = set(recipe.corpora) - {*CORPORA, "context", "user"}
    if unknown:
        raise ValueError(
            f"[corpora] names {', '.join(sorted(unknown))}; expected some of {', '.join(CORPORA)}, context, user"
        )
    names = [name for name in recipe.corpora if name in CORPORA]
    if recipe.embeddings.start == "in-domain" and "imdb" in names:
        names.append("imdb_unlabelled")
    corpora = load_corpora(names, data_dir, progress=True) if names else Corpora([], [], [], Counter(), [])
    for name in names:
        if not corpora.select(corpora=[name]):
            said = [str(problem) for problem in corpora.problems if problem.corpus == name]
            raise ValueError(f"the corpus {name} gave no review: {'; '.join(said[:3]) or 'its files are empty'}")
    reviews, problems, files = list(corpora.reviews), list(corpora.problems), list(corpora.files)
    dropped = corpora.dropped
    if recipe.context_sentences:
        reviews += context_reviews(recipe.context_sentences, recipe.seed)
        files += [
            SourceFile(f"training/starter_grammar/{path.name}", sha256_of(path), _lines(path)) for path in GRAMMAR
        ]
    if user is not None:
        reviews += user.reviews
        problems += user.problems
        files += user.files
        dropped = dropped + user.dropped
    reviews, doubled = deduplicate(reviews)
    return Corpora(reviews, problems, files, dropped + doubled, corpora.notes)


def context_reviews(count: int, seed: int) -> list[Review]:
    """`count` training sentences of the grammar, and its dev and calibration sentences."""
    reviews: list[Review] = []
    for split, rows in (("train", count), ("dev", _CONTEXT_DEV), ("calibration", _CONTEXT_CALIBRATION)):
        reviews += write_reviews(rows, seed, split)
    return reviews


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
