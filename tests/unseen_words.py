"""The words that no written training sentence may hold: `tests/behaviour/unseen_words.txt`."""

import re
from functools import cache
from pathlib import Path

from training.starter_grammar.surface import american

FILE = Path(__file__).parent / "behaviour" / "unseen_words.txt"


@cache
def unseen_words(language: str) -> frozenset[str]:
    """All of them, in both spellings."""
    found: set[str] = set()
    name = {"en": "english", "zh": "chinese"}[language]
    for heading, words in re.findall(r"^\[(\w+) \w+\]\n(.*)$", FILE.read_text(encoding="utf-8"), re.MULTILINE):
        if heading == name:
            found |= {form for word in words.split(", ") for form in (word, american(word))}
    return frozenset(found)


def unseen_words_in(text: str, language: str) -> set[str]:
    """Those that occur: in English as a whole word, in the plural or with -ly too; in Chinese as a string."""
    words = sorted(unseen_words(language), key=len, reverse=True)
    choice = "|".join(map(re.escape, words))
    if language == "zh":
        return set(re.findall(choice, text))
    return {found.lower() for found in re.findall(rf"\b(?:{choice})(?:s|es|ly)?\b", text, re.IGNORECASE)}
