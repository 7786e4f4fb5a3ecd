"""All the reviews that a run trains and measures on: corpora, written sentences, a user's own file, the probes."""

from collections import Counter
from pathlib import Path

from training.corpora import CORPORA, Corpora, load_corpora
from training.duplicates import deduplicate
from training.exchange import FILES, exchanged
from training.near_copies import near_copies
from training.readers.reading import Reading, SourceFile, sha256_of
from training.readers.written import read_context, read_probes
from training.recipe import Recipe
from training.review import Review
from training.sentences import read_sentences
from training.starter import write_reviews

GRAMMAR = sorted((Path(__file__).parent / "starter_grammar").glob("*.txt"))
_OWN = ("context", "exchanged", "starter", "sentences", "user")


def gather(recipe: Recipe, data_dir: Path | None = None, user: Reading | None = None) -> Corpora:
    """Reads what `recipe` names, writes its starter sentences, adds `user` and the probes, and takes out duplicates.

    Raises MissingCorpusError where a corpus is neither there nor to be had, ValueError for a name that is none and for
    a corpus that gave no review.
    """
    unknown = set(recipe.corpora) - {*CORPORA, *_OWN}
    if unknown:
        raise ValueError(
            f"[corpora] names {', '.join(sorted(unknown))}; expected some of {', '.join((*CORPORA, *_OWN))}"
        )
    names = [name for name in recipe.corpora if name in CORPORA]
    if recipe.embeddings.start == "in-domain" and "imdb" in names and "imdb_unlabelled" not in names:
        names.append("imdb_unlabelled")
    corpora = load_corpora(names, data_dir, progress=True) if names else Corpora([], [], [], Counter(), [])
    for name in names:
        if not corpora.select(corpora=[name]):
            said = [str(problem) for problem in corpora.problems if problem.corpus == name]
            raise ValueError(f"the corpus {name} gave no review: {'; '.join(said[:3]) or 'its files are empty'}")
    reviews, problems, files = list(corpora.reviews), list(corpora.problems), list(corpora.files)
    dropped = corpora.dropped
    probes, written = read_probes(), read_context() if recipe.largest_share("context") else Reading()
    made: list[Review] = []
    for one in (probes, written):
        problems += one.problems
        files += one.files
    if recipe.exchanges:
        made += exchanged(written.reviews, recipe.exchanges, recipe.seed)
        files += [SourceFile(f"training/context/{path.name}", sha256_of(path), _lines(path)) for path in FILES.values()]
    if recipe.starter_sentences:
        made += write_reviews(recipe.starter_sentences, recipe.seed)
        files += [
            SourceFile(f"training/starter_grammar/{path.name}", sha256_of(path), _lines(path)) for path in GRAMMAR
        ]
    if recipe.largest_share("sentences"):
        parts = read_sentences(corpora.reviews)
        made += parts.reviews
        problems += parts.problems
        files += parts.files
        dropped = dropped + parts.dropped
    near = set(near_copies(made, probes.reviews))  # a test holds the written corpus free of them
    dropped = dropped + Counter((made[index].corpus, "near copy of a probe") for index in near)
    reviews += probes.reviews + written.reviews + [review for index, review in enumerate(made) if index not in near]
    if user is not None:
        reviews += user.reviews
        problems += user.problems
        files += user.files
        dropped = dropped + user.dropped
    reviews, doubled = deduplicate(reviews)
    return Corpora(reviews, problems, files, dropped + doubled, corpora.notes)


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
