"""Large Movie Review Dataset, straight out of its archive, which is streamed once and never unpacked.

Source: Maas et al. 2011, "Learning Word Vectors for Sentiment Analysis"; https://ai.stanford.edu/~amaas/data/sentiment/.
`train/{pos,neg,unsup}/ID_RATING.txt`: ratings 1-4 are negative, 7-10 positive, 0 unlabelled (corpus
`imdb_unlabelled`). Line ID (from 0) of `train/urls_{pos,neg,unsup}.txt` names the film, which decides the split:
a random split would put reviews of one film on both sides. The official test reviews are passed over unread.
"""

import re
import tarfile
from collections.abc import Collection
from pathlib import Path

from tqdm import tqdm

from models.labels import NEGATIVE, POSITIVE
from training.readers.markup import plain
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import DEV, film_split, letters_key

FILE = "imdb/aclImdb_v1.tar.gz"
MEMBER = re.compile(r"(?:.*/)?(train|test)/(?:(pos|neg|unsup)/([^/]+)|urls_(pos|neg|unsup)\.txt)$")
NAME = re.compile(r"(\d+)_(\d+)\.txt$")
FILM = re.compile(r"/title/(tt\d+)")
RATINGS = {"neg": (range(1, 5), NEGATIVE), "pos": (range(7, 11), POSITIVE), "unsup": (range(1), None)}
# 499 training reviews that belong to the final measurement (the originals of the counterfactual test pairs, and
# their repeats): one line a folder, the ids after its name.
HELD_OUT = Path(__file__).with_name("imdb_held_out.txt")


def read(
    data_dir: Path,
    names: Collection[str],
    paired_dev: Collection[str] = (),
    progress: bool = False,
) -> Reading:
    """Read the labelled (`imdb`) and unlabelled (`imdb_unlabelled`) reviews out of the archive under data_dir.

    Parameters:
        names: which of the two corpora to give.
        paired_dev: letters keys (`splits.letters_key`) of texts that measure; an equal review does not train.
        progress: show a bar on a terminal.
    Returns:
        reviews in the archive's order, the film's title id as group.
    """
    reading = Reading()
    path = data_dir / FILE
    raw, urls, tests = _members(path, names, reading, progress)
    if not tests:
        reading.notes.append(f"{FILE}: the test split is absent (it is not read in any case)")
    else:
        reading.notes.append(f"{FILE}: {tests:,} reviews of the test split passed over unread")
    held_out = {
        (folder, int(number))
        for folder, *numbers in map(str.split, HELD_OUT.read_text(encoding="utf-8").splitlines())
        for number in numbers
    }
    rows = 0
    for folder, name, place, content in raw:
        corpus = "imdb_unlabelled" if folder == "unsup" else "imdb"
        found = _review(corpus, folder, name, place, content, urls.get(folder, []))
        if isinstance(found, Problem):
            reading.problems.append(found)
            continue
        if (folder, int(name.split("_")[0])) in held_out:
            reading.dropped[corpus, "test split"] += 1
            continue
        rows += 1
        if found.split != DEV and paired_dev and letters_key(found.text) in paired_dev:
            reading.dropped[corpus, "original of a counterfactual dev pair"] += 1
            continue
        reading.reviews.append(found)
    reading.files.append(SourceFile(FILE, sha256_of(path), rows))
    return reading


Member = tuple[str, str, str, bytes]  # folder, file name, full name, content


def _members(
    path: Path, names: Collection[str], reading: Reading, progress: bool
) -> tuple[list[Member], dict[str, list[str]], int]:
    """The wanted training reviews, the url lines of each folder, and how many test reviews were passed over."""
    raw: list[Member] = []
    urls: dict[str, list[str]] = {}
    tests = 0
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in tqdm(archive, "imdb", unit=" files", disable=None if progress else True):
                match = MEMBER.match(member.name)
                if not match or not member.isfile():
                    continue
                part, folder, name, listed = match.groups()
                if part == "test":
                    tests += bool(name)
                elif listed:
                    file = archive.extractfile(member)
                    urls[listed] = file.read().decode("utf-8", "replace").splitlines() if file else []
                elif ("imdb_unlabelled" if folder == "unsup" else "imdb") in names:
                    file = archive.extractfile(member)
                    raw.append((folder, name, member.name, file.read() if file else b""))
    except (tarfile.TarError, EOFError, OSError) as error:
        # What was read before the archive broke is good; the rest is one problem, said once.
        reason = f"the archive ends early or is damaged ({error}): fetch it again"
        reading.problems.append(Problem("imdb", FILE, reason))
    return raw, urls, tests


def _review(corpus: str, folder: str, name: str, place: str, content: bytes, urls: list[str]) -> Review | Problem:
    """One archive member as a review, or why it can't be one."""
    match = NAME.match(name)
    if not match:
        return Problem(corpus, place, "file name is not ID_RATING.txt")
    number, rating = int(match[1]), int(match[2])
    ratings, label = RATINGS[folder]
    if rating not in ratings:
        expected = f"{ratings.start} to {ratings.stop - 1}"
        return Problem(corpus, place, f"rating {rating} in the folder {folder}, expected {expected}")
    film = FILM.search(urls[number]) if number < len(urls) else None
    if not film:
        return Problem(corpus, place, f"line {number} of urls_{folder}.txt names no film")
    try:
        text = plain(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Problem(corpus, place, f"not valid UTF-8 at byte {error.start}")
    if not text:
        return Problem(corpus, place, "empty review")
    return Review(text, label, "en", corpus, film_split(film[1]), place, film[1])
