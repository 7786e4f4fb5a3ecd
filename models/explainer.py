"""Why the served network says what it says of a text: contributions, trajectories, interactions, the verdict without a
word, units and gates, all from one run through it and a bounded number of rows beside."""

from collections.abc import Sequence
from itertools import chain, combinations
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.batching import WIDTH_STEP, collate
from models.classifier import Architecture
from models.contributions import KINDS, METHODS, contributions, readout
from models.decomposition import HORIZON
from models.explanation import (
    Contribution,
    ExplainedWord,
    Explanation,
    Interaction,
    Phrase,
    Trajectory,
    Without,
)
from models.focus import focus_on, in_reach, pairs_of
from models.labels import LABELS, NEGATIVE, NEUTRAL, POSITIVE
from models.phrases import Run, all_runs, join, leaves
from models.replay import layer_weights, replay
from models.spans import Span, is_short, near, scores_of
from models.text import SpanError, check_text
from models.trajectory import trajectory
from models.units import gates_of, units_of
from models.words import Word, by_word, read_words

if TYPE_CHECKING:
    from models.predictor import Predictor


class Explainer:
    """Explains what `predictor` says. Safe to share between threads: nothing changes after it is made."""

    def __init__(self, predictor: "Predictor") -> None:
        self._predictor = predictor
        self._architecture = Architecture(**predictor.manifest["encoder"])
        weights = predictor.weights()
        self._layers = layer_weights(weights, self._architecture)
        self._head = weights["head.weight"].detach().cpu()
        self._bias = weights["head.bias"].detach().cpu()

    def explain(
        self,
        text: str,
        target: str = LABELS[POSITIVE],
        method: str = METHODS[0],
        spans: Sequence[tuple[int, int]] = (),
        units: int = 12,
    ) -> Explanation:
        """Explains one text.

        Parameters: `target`, the label for which numbers are positive; `method`, one of METHODS; `spans`, runs of
        code points whose score is wanted, each touching a word that was read; `units`, how many hidden units.
        Raises TextError where it is no text, SpanError, and ValueError for another target or method.
        """
        if target not in LABELS or method not in METHODS or units < 0:
            raise ValueError(
                f"target is {target!r}, method {method!r}, units {units}; expected one of {', '.join(LABELS)}, one of "
                f"{', '.join(METHODS)}, and no negative number"
            )
        check_text(text)
        with torch.inference_mode():
            return self._explain(text, target, method, spans, units)

    def _explain(
        self, text: str, target: str, method: str, spans: Sequence[tuple[int, int]], units: int
    ) -> Explanation:
        predictor, architecture = self._predictor, self._architecture
        kind, pooling, directions = architecture.encoder, architecture.pooling, architecture.directions
        ids, words, whole = read_words(text, predictor.tokenizer, predictor.max_tokens)
        asked = [_words_in(span, words, index) for index, span in enumerate(spans)]
        run = replay(predictor.network, kind, self._layers, ids)
        prediction = predictor.answer(text, run.logits, ids, whole)
        difference = _difference(target)
        weight = difference @ self._head
        bias, logit = float(difference @ self._bias), float(difference @ run.logits)
        counts = readout(run.hidden, weight, pooling, directions)
        shares: Tensor | None = None
        if kind in KINDS[method] and (method == "signals" or len(run.layers) == 1):
            shares = by_word(contributions(kind, run.layers, counts, method), words)
        error = None if shares is None else abs(float(shares.double().sum()) + bias - logit)

        turned = self._turned(ids, words, prediction.language)
        brought = torch.zeros(len(words)) if shares is None else shares.sum(0).abs()
        focus = focus_on(words, brought.tolist(), turned)
        scores: dict[Span, float] = {}
        pairs: list[tuple[Run, Run]] = []
        tree: list[Run] = []
        decomposes = kind == "lstm" and architecture.layers == 1 and shares is not None
        if decomposes and shares is not None:
            parts = leaves(words)
            pairs = near([*pairs_of(words, focus, turned), *combinations(asked, 2)], words)
            singles = [(place, place) for place in focus]
            unions = [(*a, *b) for a, b in pairs]
            wanted = [*all_runs(parts), *singles, *chain.from_iterable(pairs), *asked, *unions]
            scores = scores_of(run.layers[0], counts, shares.sum(0).tolist(), words, wanted)
            tree = join(parts, scores)
        notes = _notes(architecture, method, shares is not None, decomposes, words, focus)
        if prediction.truncated:
            notes.append(
                f"The text is longer than the {predictor.max_tokens} tokens that the network reads; its middle "
                "was left out. Without a word, what is left of it stays as it was cut."
            )

        return Explanation(
            prediction=prediction,
            target=target,
            method=method,
            logit=logit,
            bias=bias,
            completeness_error=error,
            temperature=predictor.temperature(prediction.language),
            words=[
                ExplainedWord(
                    word.text,
                    word.start,
                    word.end,
                    None if shares is None else _contribution(shares[:, place].tolist()),
                    scores.get((place, place)) if is_short((place, place), words) else None,
                )
                for place, word in enumerate(words)
            ],
            trajectory=_trajectory(trajectory(run.hidden, weight, pooling, directions), words),
            interactions=[
                Interaction(_span(a, words), _span(b, words), scores[*a, *b] - scores[a] - scores[b]) for a, b in pairs
            ],
            phrases=[Phrase(*_span(one, words), scores[one]) for one in tree],
            spans=[Phrase(*_span(one, words), scores[one]) for one in asked if one in scores],
            without=self._without(ids, words, focus, weight, difference, prediction.language) if len(words) > 1 else [],
            units=units_of(run.hidden, counts, weight, pooling, directions, words, units),
            gates=gates_of(run.layers[-1], words),
            notes=notes,
        )

    def _turned(self, ids: list[int], words: list[Word], language: str) -> dict[int, Run]:
        """What each negator may turn: of the runs in its reach, the one that says most when it is read alone."""
        candidates = in_reach(words, language)
        runs = list(dict.fromkeys(run for some in candidates.values() for run in some))
        if not runs:
            return {}
        logits = self._predictor.logits([ids[words[first].first : words[last].last + 1] for first, last in runs])
        said = dict(zip(runs, (logits[:, POSITIVE] - logits[:, NEGATIVE]).abs().tolist(), strict=True))
        return {place: max(some, key=said.__getitem__) for place, some in candidates.items()}

    def _without(
        self, ids: list[int], words: list[Word], focus: list[int], weight: Tensor, difference: Tensor, language: str
    ) -> list[Without]:
        """The verdict on the tokens that stay when one word goes, for each word in `focus`, in one batch."""
        predictor, architecture = self._predictor, self._architecture
        left = [ids[: words[place].first] + ids[words[place].last + 1 :] for place in focus]
        batch = collate(left, WIDTH_STEP).to(predictor.device)
        network = predictor.network
        hidden = network.encoder(network.embedding(batch.ids), batch.lengths)
        logits = network.head(network.pooling(hidden, batch.lengths)).cpu()
        probabilities = predictor.probabilities(logits, [language] * len(focus))
        found = []
        for place, rest, states, values, shares in zip(focus, left, hidden.cpu(), logits, probabilities, strict=True):
            readings = trajectory(states[: len(rest)], weight, architecture.pooling, architecture.directions)
            found.append(
                Without(
                    place,
                    max(shares, key=shares.__getitem__),
                    shares,
                    float(difference @ values),
                    _trajectory(readings, words, place),
                )
            )
        return found


def _difference(target: str) -> Tensor:
    """How the logits (C,) are weighed into the one number that is explained."""
    weights = torch.zeros(len(LABELS))
    if target == LABELS[NEUTRAL]:
        weights[[NEGATIVE, NEUTRAL, POSITIVE]] = torch.tensor([-0.5, 1.0, -0.5])
    else:
        sign = 1.0 if target == LABELS[POSITIVE] else -1.0
        weights[[NEGATIVE, POSITIVE]] = torch.tensor([-sign, sign])
    return weights


def _words_in(span: tuple[int, int], words: Sequence[Word], index: int) -> Run:
    """The words that a span of code points touches."""
    touched = [place for place, word in enumerate(words) if word.start < span[1] and span[0] < word.end]
    if not touched or span[0] >= span[1]:
        raise SpanError(
            f"the span from {span[0]} to {span[1]} touches no word that the network read; expected code points of the "
            "text, start before end, as the tokens have them",
            index,
        )
    return touched[0], touched[-1]


def _notes(
    architecture: Architecture, method: str, splits: bool, decomposes: bool, words: Sequence[Word], focus: Sequence[int]
) -> list[str]:
    """What is left out or cut short, a sentence each."""
    network = f"this network has {architecture.layers} {architecture.encoder} layers"
    notes = []
    if not splits:
        known = f"{', '.join(KINDS[method])}{' of one layer' if method == 'writes' else ''}"
        notes.append(f"The method {method} splits {known}, and {network}: words have no contribution.")
    if not decomposes:
        notes.append(
            f"Contextual decomposition is for one LSTM layer, and {network}: alone, interactions, phrases and spans "
            "are left out."
        )
    if len(words) > len(focus):
        chosen = "negators, and those that brought most" if splits else "negators, and the first of the text"
        notes.append(f"{len(focus)} of {len(words)} words are read by themselves and left out in turn: {chosen}.")
    if decomposes and words[-1].last >= HORIZON:
        notes.append(
            f"A phrase of up to {HORIZON} tokens is read by itself for as many tokens past its end; from there on the "
            "gates carry it as they stood. The score of a longer one is the sum of its words' contributions, and "
            "words further apart have no interaction."
        )
    return notes


def _contribution(parts: list[float]) -> Contribution:
    return Contribution(sum(parts), parts[0], parts[1] if len(parts) == 2 else None)


def _span(run: Run, words: Sequence[Word]) -> tuple[int, int]:
    return words[run[0]].start, words[run[1]].end


def _trajectory(readings: Tensor, words: Sequence[Word], removed: int | None = None) -> Trajectory:
    """Readings (D,T) -> by word: forward after its last token, backward from its first."""
    gone = 0 if removed is None else words[removed].last - words[removed].first + 1

    def by_word(direction: int) -> list[float | None]:
        values = readings[direction].tolist()
        found: list[float | None] = []
        for place, word in enumerate(words):
            token = word.last if direction == 0 else word.first
            behind = removed is not None and place > removed
            found.append(None if place == removed else values[token - (gone if behind else 0)])
        return found

    return Trajectory(by_word(0), by_word(1) if readings.size(0) == 2 else None)
