"""Chooses templates, topics and sub-sentences: one capability and label in, one sentence out."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from training.starter_grammar import filling
from training.starter_grammar.lexicon import Lexicon, read_lexicon
from training.starter_grammar.surface import vary
from training.starter_grammar.templates import Template, read_templates

HERE = Path(__file__).parent
NAMES = {"en": "english", "zh": "chinese"}
IDENTITY = ("name", "nation", "group", "place", "figure")
NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2

# What stands for a whole sentence inside a longer review: slot -> capabilities it is taken from.
_FACT = ("plain_neutral", "negated_neutral")
_PLAIN = ("plain_positive", "plain_negative", "intensifier")
_VERDICT = (*_PLAIN, "negated_positive", "negated_negative", "absence_of_fault", "idle_negator", "expectation")
_SENTENCES = {"fact": _FACT, "good": _PLAIN, "bad": _PLAIN, "xs": _PLAIN, "ys": _PLAIN, "verdict": _VERDICT}
# A fact goes before or after this share of the sentences, so that they stand in company too.
_COMPANY = 0.12
_ALONE = ("short", "multi_sentence", "identity", "plain_neutral")


@cache
def _read(language: str) -> tuple[Lexicon, tuple[Template, ...]]:
    name = NAMES[language]
    lexicon = read_lexicon(HERE / f"{name}_words.txt")
    return lexicon, tuple(read_templates(HERE / f"{name}_templates.txt"))


class Writer:
    """Writes sentences in one language.

    Args:
        language: "en" or "zh".
        random: the source of every choice.
    """

    def __init__(self, language: str, random: Random) -> None:
        self.language = language
        self.random = random
        self.lexicon, self.templates = _read(language)
        self.capabilities: dict[str, list[int]] = {}
        self._by_topic: dict[tuple[str, int, str], list[Template]] = {}
        self._by_label: dict[tuple[str, int], list[Template]] = {}
        self._topics: dict[Template, list[str]] = {}
        for template in self.templates:
            self._enter(template)
        self.entities = self._entities()

    def _entities(self) -> list[tuple[str, str]]:
        """Names, nations, … by turns, so that a short list has some of each."""
        words = {kind: self.lexicon.words(kind, "*") for kind in IDENTITY}
        rounds = range(max(len(found) for found in words.values()))
        return [(kind, found[i]) for i in rounds for kind, found in words.items() if i < len(found)]

    def _enter(self, template: Template) -> None:
        kinds = filling.needs(template.slots(), template.labels) - set(_SENTENCES)
        candidates = [topic for topic in self.lexicon.topics() if template.fits(topic)]
        if not filling.has_noun(template.text) and re.search(r"\b(it|It)\b", template.text):
            candidates = [topic for topic in candidates if topic != "people"]
        topics = [t for t in candidates if all(filling.choices(self.lexicon, kind, t) for kind in kinds)]
        if not topics:
            raise ValueError(f"{self.language} template in line {template.line}: no topic has words for {kinds}")
        self._topics[template] = topics
        labels = self.capabilities.setdefault(template.capability, [])
        for label in template.labels:
            if label not in labels:
                labels.append(label)
                labels.sort()
            self._by_label.setdefault((template.capability, label), []).append(template)
            if not template.slots() & set(_SENTENCES):
                for topic in topics:
                    self._by_topic.setdefault((template.capability, label, topic), []).append(template)

    def sentence(self, capability: str, label: int, turn: int = 0) -> str:
        """One sentence, as somebody might type it.

        Args:
            capability: a key of `capabilities`.
            label: one of `capabilities[capability]`.
            turn: for "identity", which name, nation, … the sentence is about.
        """
        bound = {}
        templates = self._by_label[capability, label]
        if capability == "identity":
            kind, word = self.entities[turn % len(self.entities)]
            bound[kind] = word
            templates = [template for template in templates if kind in template.slots()]
        template = self.random.choice(templates)
        topic = self.random.choice(self._topics[template])
        fill = filling.Filling(self.lexicon, topic, label, self.random, bound)
        text = self._fill(template, fill)
        if capability not in _ALONE and self.random.random() < _COMPANY:
            fact = self._part("fact", fill, set())
            gap = " " if self.language == "en" else ""
            text = fact + gap + text if self.random.random() < 0.5 else text + gap + fact
        return vary(text, self.language, label, self.random)

    def _fill(self, template: Template, fill: filling.Filling) -> str:
        text = template.choose(self.random)
        used: set[Template] = set()
        for slot in filling.SLOT.findall(text):
            if slot.rstrip("0123456789") in _SENTENCES:
                part = self._part(slot, fill, used)
                if ", {" + slot in text and not part.startswith(("I ", "I'")):
                    part = part[0].lower() + part[1:]
                text = text.replace("{" + slot + "}", part, 1)
        return fill.fill(text)

    def _part(self, slot: str, fill: filling.Filling, used: set[Template]) -> str:
        kind = slot.rstrip("0123456789")
        other = POSITIVE - fill.label
        label = {"fact": NEUTRAL, "good": POSITIVE, "bad": NEGATIVE, "ys": other}.get(kind, fill.label)
        found: list[Template] = []
        for capability in self.random.sample(_SENTENCES[kind], len(_SENTENCES[kind])):
            found = [t for t in self._by_topic.get((capability, label, fill.topic), []) if t not in used]
            if found:
                break
        topic = fill.topic
        if not found:  # no sentence of this kind fits the topic: one of another stands beside it
            found = [t for c in _SENTENCES[kind] for t in self._by_label.get((c, label), []) if t not in used]
        template = self.random.choice(found)
        if topic not in self._topics[template]:
            topic = self.random.choice(self._topics[template])
        used.add(template)
        noun = {key: word for key, word in fill.bound.items() if key == "n" and topic == fill.topic}
        part = filling.Filling(self.lexicon, topic, label, self.random, noun)
        text = part.fill(template.choose(self.random))
        if "n" in part.bound and topic == fill.topic:
            fill.bound.setdefault("n", part.bound["n"])
            fill.noun = part.noun
        return text
