"""The many ways people type one sentence: contractions, spelling, casing, punctuation."""

from __future__ import annotations

import re
from random import Random

_NOT = re.compile(
    r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should|can|will) ?not\b"
    r"(?! only| just| once| that| because| one of)",
    re.IGNORECASE,
)
_SHORT = [
    (re.compile(r"\b(it|that|there|he|she) is (?=\w)", re.IGNORECASE), r"\1's "),
    (re.compile(r"\bI am (?=\w)"), "I'm "),
    (re.compile(r"\b(I|we|they|you) have (?=\w+(?:ed|en|n't|een|ver)\b)", re.IGNORECASE), r"\1've "),
    (re.compile(r"\b(they|we) are (?=\w)", re.IGNORECASE), r"\1're "),
    (re.compile(r"\b(I|you|we) would (?!not)(?=\w)", re.IGNORECASE), r"\1'd "),
    (re.compile(r"\b(I|you|we) will (?!not)(?=\w)", re.IGNORECASE), r"\1'll "),
]
_IRREGULAR = {"can": "can't", "will": "won't"}
_AMERICAN = {
    "colour": "color", "favourite": "favorite", "theatre": "theater", "centre": "center", "humour": "humor",
    "metres": "meters", "centimetres": "centimeters", "mum": "mom", "grey": "gray", "marvellous": "marvelous",
    "flavourful": "flavorful", "mouldy": "moldy", "neighbour": "neighbor", "cosy": "cozy", "programme": "program",
}  # fmt: skip
_AMERICAN_WORD = re.compile(r"\b(" + "|".join(_AMERICAN) + r")\b")
# Short adjectives take an ending: "more funny" is "funnier". "A most pleasant" stays.
_COMPARED = (
    "good nice great kind fast quick clean quiet safe fresh bad poor ugly weak slow dull cold bland sour rude mean "
    "lazy noisy dirty dusty dingy stuffy bumpy oily salty buggy muddy messy silly tasty funny lovely friendly pretty "
    "lousy witty handy cosy tidy yummy sturdy speedy smooth damp shabby gloomy grubby smelly flimsy clunky grumpy "
    "bleak cheesy dreary soggy greasy stale lush watery late dry"
)
_MORE = re.compile(rf"(?<!a )\b(more|most) ({_COMPARED.replace(' ', '|')})\b(?! to use)")
_BETTER = {"good": ("better", "best"), "bad": ("worse", "worst")}
_START = re.compile(r"(^|[.!?] )([a-z])")
_ASCII = str.maketrans({"，": ",", "。": ".", "！": "!", "？": "?", "：": ":", "；": ";"})


def vary(text: str, language: str, label: int, random: Random) -> str:
    """A finished sentence as one of the ways it might be typed.

    Args:
        text: the sentence, tidy.
        language: "en" or "zh".
        label: index into LABELS; neutral sentences get no exclamation mark.
        random: the source of every choice.
    """
    return _english(text, label, random) if language == "en" else _chinese(text, label, random)


def american(text: str) -> str:
    """The text with the American spelling of the grammar's British words."""
    return _AMERICAN_WORD.sub(lambda match: _AMERICAN[match[1]], text)


def _contract(match: re.Match[str]) -> str:
    verb = match[1]
    return _IRREGULAR.get(verb.lower(), verb + "n't") if verb.islower() else _capital(verb)


def _capital(verb: str) -> str:
    return _IRREGULAR.get(verb.lower(), verb.lower() + "n't").capitalize()


def _compare(match: re.Match[str]) -> str:
    most, word = match[1] == "most", match[2]
    if word in _BETTER:
        return _BETTER[word][most]
    stem = word.removesuffix("e") if word.endswith("e") else re.sub("y$", "i", word)
    return stem + ("est" if most else "er")


def _english(text: str, label: int, random: Random) -> str:
    text = _MORE.sub(_compare, text)
    if random.random() < 0.55:
        text = _NOT.sub(_contract, text)
    if random.random() < 0.5:
        for pattern, short in _SHORT:
            text = pattern.sub(short, text)
    if random.random() < 0.5:
        text = american(text)
    text = _START.sub(lambda match: match[1] + match[2].upper(), text)
    draw = random.random()
    if draw < 0.12:
        text = text.lower()
    elif draw < 0.135:
        text = text.upper()
    if random.random() < 0.06:
        text = text.replace("'", "") if random.random() < 0.5 else text.replace("'", "’")
    if random.random() < 0.04:
        text = text.replace(", ", " ")
    return _ending(text, ".", "!", 0.14, label, random)


def _chinese(text: str, label: int, random: Random) -> str:
    draw = random.random()
    if draw < 0.08:
        text = text.translate(_ASCII)
    elif draw < 0.14:
        text = re.sub("[，：；]", " ", text)
    elif draw < 0.17:
        text = re.sub("[，：；]", "", text)
    return _ending(text, "。.", "！", 0.25, label, random)


def _ending(text: str, stops: str, bang: str, bare: float, label: int, random: Random) -> str:
    if text[-1] not in stops:
        return text
    draw = random.random()
    if draw < bare:
        return text[:-1]
    if label != 1 and draw < bare + 0.12:
        return text[:-1] + bang * random.choice((1, 1, 1, 2, 3))
    if draw > 0.97:
        return text[:-1] + random.choice(("...", stops[0] * 2, " " + stops[0]))
    return text
