"""Whether an interaction tells that a negator turns what follows: pairs with and without the negator's word."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import copysign, nan
from pathlib import Path

import torch
from tqdm import tqdm

from bench.explain_methods import Methods
from bench.explain_plots import plot_flips
from bench.explain_sample import drawn
from models.explanation import Span
from models.focus import in_reach, is_negator
from models.words import Word
from training.corpora import Corpora
from training.review import Review
from training.sentences import sentences
from training.tables import percent, table

LANGUAGES = {
    "English": ("sst", "amazon", "counterfactual", "imdb"),
    "Chinese": ("online_shopping", "waimai", "hotel"),
}
PAIRS = 900  # that turn, and as many that don't, of each language
LONGEST = 60  # tokens
CLEAR = 2.0  # logits to either side of a turn that leaves no doubt; most others are of texts that hardly have a verdict
MARGINS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
PARTNERS = ("word or run", "all in reach")
"""The first partner that an explanation shows with a negator, and all that comes after it as far as it may reach."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A text with a negator, and the same text without its word.

    `z` and `without` are those of the two texts. `negator`, `phrase` and `together` are what the negator, a partner
    after it and both say by themselves inside the text; None where the negator has no partner.
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
    def clear(self) -> bool:
        """Whether it turns from one clear verdict to the other."""
        return self.turns and min(abs(self.z), abs(self.without)) >= CLEAR

    def told(self, margin: float = 0.0) -> float:
        """The sign of the turn that the scores tell of, 0 for none.

        They tell of one where the partner's score has another sign with the negator than by itself, both by more than
        `margin`, and the interaction has the new sign.
        """
        if self.negator is None or self.phrase is None or self.together is None:
            return 0.0
        interaction = self.together - self.negator - self.phrase
        turned = self.together * self.phrase < 0 and min(abs(self.together), abs(self.phrase)) > margin
        return copysign(1.0, self.together) if turned and interaction * self.together > 0 else 0.0

    def hit(self, margin: float = 0.0) -> bool:
        """Whether they tell of the way that z goes with the negator."""
        return self.told(margin) * (self.z - self.without) > 0


def flips(methods: Methods, corpora: Corpora, limit: int | None, pictures: Path) -> str:
    """Hits where the verdict turns, false alarms where it doesn't, by language and partner; as Markdown."""
    rows = []
    curves: dict[str, dict[str, list[float]]] = {}
    for language, names in LANGUAGES.items():
        for partner, pairs in _pairs(methods, drawn(corpora, names), limit or PAIRS, language).items():
            turning = [pair for pair in pairs if pair.turns]
            clear = [pair for pair in turning if pair.clear]
            others = [pair for pair in pairs if not pair.turns]
            hits, clear_hits = sum(pair.hit() for pair in turning), sum(pair.hit() for pair in clear)
            alarms = sum(pair.told() != 0 for pair in others)
            wrong = sum(pair.told() * (pair.z - pair.without) < 0 for pair in others)
            turned = [len(turning), _of(hits, turning), len(turning) - hits]
            clearly = [len(clear), _of(clear_hits, clear), len(clear) - clear_hits]
            rows.append([language, partner, *turned, *clearly, len(others), _of(alarms, others), _of(wrong, others)])
            shown = curves.setdefault(language, {})
            for name, some in (("clear turns, hits", clear), ("all turns, hits", turning)):
                shown[f"{name}; {partner}"] = [_share([pair.hit(margin) for pair in some]) for margin in MARGINS]
            shown[f"no turn, false alarms; {partner}"] = [
                _share([pair.told(margin) != 0 for pair in others]) for margin in MARGINS
            ]
    plot_flips(curves, MARGINS, pictures / "flips.png")
    heading = ["language", "partner", "turns", "hits", "misses", "clear turns", "hits", "misses", "no turn"]
    return table([*heading, "false alarms", "the wrong way"], rows, left=2)


def _pairs(methods: Methods, reviews: list[Review], wanted: int, language: str) -> dict[str, list[Pair]]:
    """By partner, the first `wanted` pairs whose verdict turns, and as many of the others."""
    found: dict[str, list[Pair]] = {partner: [] for partner in PARTNERS}
    left = {True: wanted, False: wanted}
    with tqdm(total=2 * wanted, desc=f"flips, {language}", unit="pair", disable=None) as bar:
        for text in _short_texts(methods, reviews):
            ids, words = methods.words(text)
            negators = [word for word in words if is_negator(word)]
            if not negators or len(words) == 1:
                continue
            # As the explanation leaves a word out: all its tokens are gone.
            rest = [ids[: word.first] + ids[word.last + 1 :] for word in negators]
            whole, *without = methods.z([ids, *rest]).tolist()
            for word, other in zip(negators, without, strict=True):
                turns = whole * other < 0
                if left[turns]:
                    left[turns] -= 1
                    bar.update()
                    for partner, span in zip(PARTNERS, _partners(methods, text, words, word), strict=True):
                        scores = [] if span is None else _scores(methods, ids, words, (word.start, word.end), span)
                        found[partner].append(Pair(whole, other, *scores))
            if not any(left.values()):
                break
    return found


def _partners(methods: Methods, text: str, words: list[Word], negator: Word) -> tuple[Span | None, Span | None]:
    """What PARTNERS says, for one negator."""
    explained = methods.predictor.explain(text, units=0)
    place = (negator.start, negator.end)
    shown = next((one.b for one in explained.interactions if one.a == place), None)
    runs = in_reach(words, explained.prediction.language).get(words.index(negator))
    return shown, (words[runs[0][0]].start, words[runs[-1][1]].end) if runs else None


def _scores(methods: Methods, ids: list[int], words: list[Word], negator: Span, partner: Span) -> list[float]:
    """What negator, partner and both say by themselves."""
    spans = torch.stack([_mask(span, words, len(ids)) for span in (negator, partner)])
    return methods.decomposed(methods.open(ids), torch.cat((spans, spans.any(0, keepdim=True)))).tolist()


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


def _share(told: list[bool]) -> float:
    return sum(told) / len(told) if told else nan


def _of(count: int, pairs: list[Pair]) -> str:
    return percent(count / len(pairs) if pairs else None)
