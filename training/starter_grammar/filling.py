"""Fills one template: words for slots, with agreement in English and measure words in Chinese.

| slot | filled with |
|---|---|
| `{n}` `{n2}` | a noun of the topic (the same digit: the same noun); `{this n}` `{that n}`: this film, these shoes |
| `{s}` | a noun that can be counted: English "a(n) {s}"; Chinese with its measure word, 部电影 |
| `{mn}` `{m}` | Chinese: measure word, where there is one, and noun; the measure word alone |
| `{is}` `{was}` `{has}` `{does}` `{it}` `{them}` `{its}` `{v:look}` | agreeing with the noun before |
| `{pos}` `{neg}` | an adjective; `{gp}` `{gn}` one that takes "very", `{ep}` `{en}` one that does not |
| `{pp}` `{np}` | Chinese: a whole predicate (物超所值) |
| `{love}` `{loved}` `{hate}` `{hated}` | a verb of liking or disliking |
| `{x}` `{gx}` `{ex}` `{xp}` `{xv}` `{xvd}` | the same with the label's polarity; with `y` for `x`: with the other |
| any other | a word of the list with that name: `{who}` `{day}` `{object}` … |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random

from training.starter_grammar.lexicon import Lexicon

SLOT = re.compile(r"\{([^{}]+)\}")
_POLAR = {"": ("neg", "pos"), "g": ("gn", "gp"), "e": ("en", "ep")}
_LISTS = {"pos": "positive", "gp": "positive", "ep": "positive", "neg": "negative", "gn": "negative"}
_LISTS |= {"en": "negative", "pp": "positive_predicate", "np": "negative_predicate", "neu": "neutral"}
_LISTS |= {"loved": "love", "hated": "hate", "n": "noun", "s": "noun", "m": "noun", "mn": "noun"}
_AGREEING = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "does": ("does", "do"),
    "it": ("it", "they"),
    "them": ("it", "them"),
    "its": ("its", "their"),
    "this": ("this", "these"),
    "that": ("that", "those"),
}
_NOUN_SLOT = re.compile(r"\{((?:this |that )?(?:n|s|m|mn)\d*)\}")
_PERSON = {"it": ("he", "she"), "them": ("him", "her"), "its": ("his", "her")}
# The article goes by sound: an awful film, a useful one.
_ARTICLE = re.compile(r"\b([Aa])\(n\) (?=((?!use|uni[^mn]|one|eu)[aeiouAEIOU])?)")


@dataclass
class Filling:
    """One sentence in the making.

    Attributes:
        lexicon: the words to choose from.
        topic: the topic that nouns and adjectives fit.
        label: index into LABELS, which decides `{x}` and `{y}`.
        random: the source of every choice.
        bound: slot -> word already chosen, with its marks.
    """

    lexicon: Lexicon
    topic: str
    label: int
    random: Random
    bound: dict[str, str] = field(default_factory=dict)
    noun: str = ""
    person: int = 0

    def fill(self, text: str) -> str:
        """The text with every slot filled and a(n) decided."""
        self.person = self.random.randrange(2)
        if first := _NOUN_SLOT.search(text):
            self._slot(first[1])  # "{is} the {n}": what stands before the noun agrees with it too
        text = SLOT.sub(lambda match: self._slot(match[1]), text)
        return _ARTICLE.sub(lambda match: match[1] + ("n " if match[2] else " "), text)

    def _slot(self, slot: str) -> str:
        if slot.startswith("v:"):
            return slot[2:] + ("" if self._plural() else "s")
        if slot in _AGREEING:
            return self._agree(slot)
        if slot.startswith(("this ", "that ")):
            word = self._slot(slot[5:])
            return f"{self._agree(slot[:4])} {word}"
        kind = real_slot(slot, self.label).rstrip("0123456789")
        digits = slot[len(slot.rstrip("0123456789")) :]
        if kind in ("n", "s", "m", "mn"):
            return self._noun(kind, digits)
        key = kind + digits
        if key not in self.bound:
            self.bound[key] = self._choose(kind)
        word = self.bound[key].rstrip("!")
        base, slash, past = word.partition("/")
        return past if slash and kind in ("loved", "hated") else base

    def _choose(self, kind: str) -> str:
        words = choices(self.lexicon, kind, self.topic)
        taken = set(self.bound.values())
        return self.random.choice([word for word in words if word not in taken] or words)

    def _noun(self, kind: str, digits: str) -> str:
        word = self.bound.get("n" + digits)
        if word is None or (kind in ("s", "m") and word not in choices(self.lexicon, "s", self.topic)):
            word = self.bound["n" + digits] = self._choose(kind)
        self.noun = word
        name, _, measure = word.strip("+~").partition("/")
        if kind == "m":
            return measure
        return measure + name if kind == "mn" or (kind == "s" and measure) else name

    def _plural(self) -> bool:
        return self.noun.startswith("+")

    def _agree(self, slot: str) -> str:
        if self.topic == "people" and slot in _PERSON and not self._plural():
            return _PERSON[slot][self.person]
        return _AGREEING[slot][self._plural()]


def has_noun(text: str) -> bool:
    """Whether a template's text names a noun of its topic."""
    return _NOUN_SLOT.search(text) is not None


def real_slot(slot: str, label: int) -> str:
    """`{x}` and `{y}` slots as the ones they stand for under a label: "gx" is "gp" when positive."""
    match = re.fullmatch(r"([ge]?)([xy])(p|v|vd)?(\d*)", slot)
    if not match:
        return slot
    grade, letter, form, digits = match.groups()
    positive = int((label == 2) == (letter == "x"))
    if form == "p":
        return ("np", "pp")[positive] + digits
    if form:
        return ("hate", "love")[positive] + form[1:] + digits
    return _POLAR[grade][positive] + digits


def choices(lexicon: Lexicon, kind: str, topic: str) -> list[str]:
    """The words that may fill a kind of slot under a topic; empty where the topic has none."""
    words = lexicon.words(_LISTS.get(kind, kind), topic)
    if kind in ("gp", "gn"):
        return [word for word in words if not word.endswith("!")]
    if kind in ("ep", "en"):
        return [word for word in words if word.endswith("!")]
    if kind in ("s", "m"):
        return [word for word in words if word[0] not in "+~" and (word.isascii() or "/" in word)]
    return words


def needs(slots: set[str], labels: tuple[int, ...]) -> set[str]:
    """The kinds of words a template's slots need, for choosing a topic that has them."""
    kinds = set()
    for slot in slots:
        name = slot[5:] if slot.startswith(("this ", "that ")) else slot
        if name not in _AGREEING and not name.startswith("v:"):
            kinds |= {real_slot(name, label).rstrip("0123456789") for label in labels}
    return kinds
