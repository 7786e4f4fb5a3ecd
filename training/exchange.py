"""Written sentences once more with other words of praise and blame, so that a turn is learned of all words.

    They never found the soup good.   ->   They never found the soup delightful.

`training/context/adjectives_*.txt` lists, for each language, words of praise and of blame. A word gives way to another
of its own list, so the label stays; what turns it stays too. It is done in training sentences alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from models.labels import NEUTRAL
from training.readers.written import CONTEXT, LANGUAGES
from training.review import Review
from training.splits import TRAIN

FILES = {language: CONTEXT / f"adjectives_{name}.txt" for name, language in LANGUAGES.items()}

_GRADED = re.compile(
    r"(?:\b(?:very|so|too|quite|rather|really|that|as|more|most|how|pretty)\s|[很太更最挺蛮好真那么这])$"
)
_ARTICLE = re.compile(r"\b([Aa])n?( )$")
_VOWEL = re.compile(r"(?:hour|honest|heir)|(?!uni[^mn]|use|usu|eu|one|ubiq)[aeiou]", re.IGNORECASE)
# Single characters are parts of other words (好几个, 差点, 只好) unless graded or negated before and done after.
_SINGLE = "(?<=[很太真不最更挺超])[{characters}](?=[的了吧呢啊，。！？,.!?~ ]|$)"
# "good" and its like inside idioms.
_IDIOM = r"(?! faith\b| time\b|-\w)"


@dataclass(frozen=True)
class Adjectives:
    """Words of praise and of blame; `graded` are those that take "very" (in the file: without `!`)."""

    praise: tuple[str, ...]
    blame: tuple[str, ...]
    graded: frozenset[str]


@cache
def read_adjectives(path: Path) -> Adjectives:
    """Reads `[positive]` and `[negative]` and the words under them, parted by commas.

    Raises ValueError for a word before the first heading.
    """
    lists: dict[str, list[str]] = {"[positive]": [], "[negative]": []}
    current: list[str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() in lists:
            current = lists[line.strip()]
        elif line.strip() and not line.startswith("#"):
            if current is None:
                raise ValueError(f"{path.name}:{number}: expected [positive] or [negative] before the first word")
            current += [word.strip() for word in line.split(",") if word.strip()]
    graded = frozenset(word for words in lists.values() for word in words if not word.endswith("!"))
    praise, blame = (tuple(word.rstrip("!") for word in words) for words in lists.values())
    return Adjectives(praise, blame, graded)


def exchange(text: str, language: str, random: Random) -> str:
    """The text with each listed word exchanged for another of its list; the text itself where it has none."""
    adjectives = read_adjectives(FILES[language])
    parts: list[str] = []
    done = 0
    for match in _pattern(language).finditer(text):
        before, word = text[done : match.start()], match[0]
        words = adjectives.praise if word.lower() in adjectives.praise else adjectives.blame
        if word.lower() in adjectives.graded or _GRADED.search(text[: match.start()]):
            words = tuple(one for one in words if one in adjectives.graded)
        found = random.choice(words)
        before = _ARTICLE.sub(lambda article, found=found: article[1] + ("n " if _VOWEL.match(found) else " "), before)
        parts += [before, _in_case(found, word)]
        done = match.end()
    return "".join([*parts, text[done:]])


def _in_case(found: str, word: str) -> str:
    """`found` in capitals where `word` is."""
    if len(word) > 1 and word.isascii() and word.isupper():
        return found.upper()
    return found[0].upper() + found[1:] if word[0].isupper() else found


def exchanged(reviews: Sequence[Review], copies: int, seed: int) -> list[Review]:
    """Up to `copies` variants of each training review that has a listed word, as the corpus `exchanged`."""
    found: list[Review] = []
    for review in reviews:
        if review.split != TRAIN or review.label == NEUTRAL:  # a fact has no word of praise to exchange
            continue
        random = Random(f"exchange {seed} {review.source}")
        texts = dict.fromkeys(exchange(review.text, review.language, random) for _ in range(copies))
        texts.pop(review.text, None)
        found += [replace(review, text=text, corpus="exchanged") for text in texts]
    return found


@cache
def _pattern(language: str) -> re.Pattern[str]:
    adjectives = read_adjectives(FILES[language])
    words = sorted((*adjectives.praise, *adjectives.blame), key=len, reverse=True)
    if language == "en":
        choice = "|".join(map(re.escape, words))
        return re.compile(rf"(?<![\w-])(?<!for )(?:{choice})\b{_IDIOM}", re.IGNORECASE)
    longer = "|".join(re.escape(word) for word in words if len(word) > 1)
    return re.compile(f"{longer}|" + _SINGLE.format(characters="".join(word for word in words if len(word) == 1)))
