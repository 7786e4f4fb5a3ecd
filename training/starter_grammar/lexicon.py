"""Reads the word files: `[LIST]` opens a list, then `TOPIC: word, word` lines (`*` fits every topic).

Marks: adjectives end in `!` where "very" does not fit; English nouns start with `+` (plural) or `~` (no a/an);
Chinese nouns carry their measure word after `/`; English verbs are `base/past`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_HEADING = re.compile(r"\[(\w+)\]$")


@dataclass
class Lexicon:
    """The words of one language: list name -> topic -> words with their marks."""

    lists: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def words(self, name: str, topic: str) -> list[str]:
        """The words of a list that fit a topic: its own and those for every topic; may be empty."""
        by_topic = self.lists.get(name, {})
        return by_topic.get("*", []) + by_topic.get(topic, [])

    def topics(self) -> list[str]:
        """The topics that have nouns, in the file's order."""
        return list(self.lists["noun"])

    def plain(self, name: str) -> set[str]:
        """All words of a list without their marks (a verb gives each of its forms)."""
        found = set()
        for words in self.lists.get(name, {}).values():
            for word in words:
                bare = word.strip("+~!")
                found.update([bare.split("/")[0]] if name == "noun" else bare.split("/"))
        return found


def read_lexicon(path: Path) -> Lexicon:
    """Reads one word file.

    Raises:
        ValueError: a line is no heading, no comment and no word line; the message names file and line.
    """
    lexicon = Lexicon()
    current: dict[str, list[str]] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if heading := _HEADING.match(line.strip()):
            current = lexicon.lists.setdefault(heading[1], {})
            continue
        topic, colon, words = line.partition(":")
        if not colon or current is None:
            raise ValueError(f"{path.name}:{number}: expected 'TOPIC: word, word' under a '[LIST]'")
        current.setdefault(topic.strip(), []).extend(word.strip() for word in words.split(",") if word.strip())
    return lexicon
