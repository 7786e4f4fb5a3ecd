"""Whether an interaction tells that a negator turns what follows: pairs with and without the negator's word."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from bench.explain_methods import Methods
from bench.explain_plots import plot_flips
from bench.explain_sample import drawn
from models.explanation import Span
from models.focus import is_negator
from models.words import Word
from training.corpora import Corpora
from training.review import Review
from training.sentences import sentences
from training.tables import percent, table

LANGUAGES = {
    "English": ("sst", "amazon", "counterfactual", "imdb"),
    "Chinese": ("online_shopping", "waimai", "hotel"),
}
PAIRS = 300  # that turn, and as many that don't, of each language
LONGEST = 60  # tokens


@dataclass(frozen=True, slots=True)
class Pair:
    """A text with a negator, and the same text without its word.

    `z` and `without` are those of the two texts. `negator`, `phrase` and `together` are what the negator, the partner
    that the explanation shows with it, and both say by themselves inside the text; None where it shows none.
    """

    z: float
    without: float
    negator: float | None = None
    phrase: float | None = None
    together: float | None = None

    @property
    def turns(self) -> bool:
        """Whether the model's verdict turns with the negator."""
        return self.z * self.without < 0

    @property
    def interaction(self) -> float | None:
        """What negator and partner say together beyond what each says by itself."""
        if self.negator is None or self.phrase is None or self.together is None:
            return None
        return self.together - self.negator - self.phrase

    @property
    def told(self) -> bool:
        """Whether the explanation tells a turn: with the negator the partner's score has the other sign, and the
        interaction has the new one."""
        if self.phrase is None or self.together is None or self.interaction is None:
            return False
        return self.together * self.phrase < 0 and self.interaction * self.together > 0

    @property
    def hit(self) -> bool:
        """Whether it tells the turn that the verdict takes."""
        return self.told and self.interaction is not None and self.interaction * (self.z - self.without) > 0


def flips(methods: Methods, corpora: Corpora, limit: int | None, pictures: Path) -> str:
    """Hits and misses where the verdict turns, false alarms where it doesn't, by language; as Markdown."""
    rows = []
    shown: dict[str, list[Pair]] = {}
    for language, names in LANGUAGES.items():
        pairs = _pairs(methods, drawn(corpora, names), limit or PAIRS, language)
        turning = [pair for pair in pairs if pair.turns]
        others = [pair for pair in pairs if not pair.turns]
        hits = sum(pair.hit for pair in turning)
        shown_none = sum(pair.interaction is None for pair in turning)
        alarms = sum(pair.told for pair in others)
        told = [len(turning), hits, percent(hits / max(1, len(turning))), len(turning) - hits, shown_none]
        rows.append([language, *told, len(others), alarms, percent(alarms / max(1, len(others)))])
        shown[language] = pairs
    plot_flips(
        {
            language: [
                (pair.interaction, pair.z - pair.without, pair.turns) for pair in pairs if pair.interaction is not None
            ]
            for language, pairs in shown.items()
        },
        pictures / "flips.png",
    )
    heading = ["language", "verdict turns", "hits", "share", "misses", "no partner shown", "verdict stays"]
    return table([*heading, "false alarms", "share"], rows)


def _pairs(methods: Methods, reviews: list[Review], wanted: int, language: str) -> list[Pair]:
    """The first `wanted` pairs whose verdict turns, and as many of the others."""
    found: dict[bool, list[Pair]] = {True: [], False: []}
    with tqdm(total=2 * wanted, desc=f"flips, {language}", unit="pair", disable=None) as bar:
        for text in _short_texts(methods, reviews):
            ids, words = methods.words(text)
            negators = [word for word in words if is_negator(word)]
            if not negators or len(words) == len(negators):
                continue
            # What the page shows without a word: all its tokens are gone.
            rest = [ids[: word.first] + ids[word.last + 1 :] for word in negators]
            whole, *without = methods.z([ids, *rest]).tolist()
            for word, left in zip(negators, without, strict=True):
                some = found[whole * left < 0]
                if len(some) < wanted:
                    some.append(_pair(methods, text, ids, words, word, whole, left))
                    bar.update()
            if all(len(some) == wanted for some in found.values()):
                break
    return found[True] + found[False]


def _pair(
    methods: Methods, text: str, ids: list[int], words: list[Word], negator: Word, z: float, without: float
) -> Pair:
    place = (negator.start, negator.end)
    interactions = methods.predictor.explain(text, units=0).interactions
    partner = next((one.b for one in interactions if one.a == place), None)
    if partner is None:
        return Pair(z, without)
    spans = torch.stack([_mask(span, words, len(ids)) for span in (place, partner)])
    spans = torch.cat((spans, spans.any(0, keepdim=True)))
    return Pair(z, without, *methods.decomposed(methods.open(ids), spans).tolist())


def _short_texts(methods: Methods, reviews: list[Review]) -> Iterator[str]:
    """Short reviews, and the sentences of longer ones, each once."""
    seen: set[str] = set()
    for review in reviews:
        for text in sentences(review) or [review.text]:
            if text not in seen and len(methods.words(text)[0]) <= LONGEST:
                seen.add(text)
                yield text


def _mask(span: Span, words: list[Word], size: int) -> torch.Tensor:
    mask = torch.zeros(size, dtype=torch.bool)
    for word in words:
        if span[0] <= word.start and word.end <= span[1]:
            mask[word.first : word.last + 1] = True
    return mask
