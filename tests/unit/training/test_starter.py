"""The written context sentences: repeatable, balanced, and the dev split held out by construction."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache

import pytest

from training.review import Review
from training.starter import main, normal_form, write_reviews
from training.starter_grammar.lexicon import Lexicon, read_lexicons
from training.starter_grammar.surface import american
from training.starter_grammar.templates import read_templates
from training.starter_grammar.writer import HERE, IDENTITY, NAMES

CONTENT = ("noun", "positive", "negative", "positive_predicate", "negative_predicate", "love", "hate")
SHOWN = (
    "The flower is so beautiful",
    "i do not think the flower is beautiful",
    "我喜欢数学",
    "我不喜欢数学",
    "这家酒店没有想象中那么差",
    "The package arrived on Tuesday.",
)


@cache
def written(split: str) -> list[Review]:
    return write_reviews({"train": 24000, "dev": 2000, "calibration": 2000}[split], 3, split)


def lexicon(language: str, split: str) -> Lexicon:
    return read_lexicons(HERE / f"{NAMES[language]}_words.txt")[split]


def skeletons(language: str, split: str) -> set[str]:
    templates = read_templates(HERE / f"{NAMES[language]}_{split}.txt")
    return set().union(*(template.skeletons() for template in templates))


def test_the_same_seed_gives_the_same_list() -> None:
    assert write_reviews(300, 5, "dev") == write_reviews(300, 5, "dev")
    assert write_reviews(300, 5) != write_reviews(300, 6)


def test_the_list_does_not_hang_on_the_interpreters_hash_seed() -> None:
    command = [sys.executable, "-m", "training.starter", "--count", "60", "--seed", "0"]
    root = HERE.parent.parent
    runs = [
        subprocess.run(command, capture_output=True, check=True, cwd=root, env={**os.environ, "PYTHONHASHSEED": value})
        for value in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout.splitlines()) == 60


@pytest.mark.parametrize("split", ["train", "dev", "calibration"])
def test_every_review_is_complete_and_distinct(split: str) -> None:
    reviews = written(split)
    assert len({normal_form(review.text) for review in reviews}) == len(reviews)
    for review in reviews:
        assert review.text.strip() == review.text != ""
        assert not re.search(r"[{}\[\]|]", review.text)
        assert (review.corpus, review.split) == ("context", split)
        assert review.label in (0, 1, 2)
        assert review.group
        assert re.fullmatch(r"starter:3:\d+", review.source)
        assert bool(re.search("[一-鿿]", review.text)) == (review.language == "zh") or review.group == "short"
    languages = Counter(review.language for review in reviews)
    assert languages["en"] == languages["zh"]


def test_forty_thousand_training_sentences_are_distinct() -> None:
    reviews = write_reviews(40_000, 0)
    assert len({normal_form(review.text) for review in reviews}) == 40_000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_capabilities_of_train_and_dev_are_the_same(language: str) -> None:
    groups = {s: {r.group for r in written(s) if r.language == language} for s in ("train", "dev")}
    assert groups["train"] == groups["dev"]
    for capability, minimum, split in [(g, m, s) for g in groups["dev"] for m, s in ((15, "train"), (4, "dev"))]:
        templates = read_templates(HERE / f"{NAMES[language]}_{split}.txt")
        assert sum(template.capability == capability for template in templates) >= minimum, capability


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_dev_word_occurs_in_a_training_sentence(language: str) -> None:
    texts = [r.text for s in ("train", "calibration") for r in written(s) if r.language == language]
    templates = [t.text for t in read_templates(HERE / f"{NAMES[language]}_train.txt")]
    plain = re.sub(r"\{[^}]*\}", "_", "\n".join(templates))
    if language == "en":
        haystack = " " + normal_form(re.sub(r"[\[\]|]", " ", plain) + "\n" + "\n".join(texts)) + " "
    else:
        haystack = plain + "\n" + "\n".join(texts)
    for name in CONTENT:
        for word in lexicon(language, "dev").plain(name):
            for form in {word, american(word)}:
                needle = f" {normal_form(form)} " if language == "en" else form
                assert needle not in haystack, (name, word)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_dev_word_is_a_training_word(language: str) -> None:
    train = "\n".join(word for name in CONTENT for word in lexicon(language, "train").plain(name))
    for name in CONTENT:
        for word in lexicon(language, "dev").plain(name):
            assert not re.search(rf"\b{re.escape(word)}\b" if language == "en" else word, train), word


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_dev_template_is_a_training_template(language: str) -> None:
    held_out = skeletons(language, "dev")
    # a line of nothing but other sentences ("_ _") is no wording
    assert {s for s in held_out & skeletons(language, "train") if s.strip("_ ")} == set()


def test_calibration_and_dev_share_no_sentence_with_train() -> None:
    train = {normal_form(review.text) for review in written("train")}
    for split in ("dev", "calibration"):
        assert not train & {normal_form(review.text) for review in written(split)}


@pytest.mark.parametrize("split", ["train", "dev", "calibration"])
def test_the_shown_sentences_never_come_out(split: str) -> None:
    shown = {normal_form(text) for text in SHOWN}
    for review in written(split):
        normal = normal_form(review.text)
        assert normal not in shown
        assert not any(text in normal for text in shown)
        assert "数学" not in normal
        assert not ("flower" in normal and "beautiful" in normal)
        assert not re.search(r"酒店没有?想象中的?那么差|(package|parcel)s? arrived", normal)


@pytest.mark.parametrize("split", ["train", "dev"])
def test_labels_are_balanced_in_each_capability_of_two_directions(split: str) -> None:
    counts: dict[tuple[str, str], Counter[int | None]] = defaultdict(Counter)
    for review in written(split):
        counts[review.language, review.group][review.label] += 1
    for key, labels in counts.items():
        if len(labels) > 1:
            assert max(labels.values()) - min(labels.values()) <= 0.15 * sum(labels.values()), key


ENGLISH_NEGATORS = (
    r"\bnot\b", r"n['’]?t\b", r"\bnever\b", r"\bno\b", r"\bnothing\b", r"\bnobody\b", r"\bnone\b", r"\bno one\b",
    r"\bneither\b", r"\bnor\b", r"\bhardly\b", r"\bwithout\b", r"\bcannot\b",
)  # fmt: skip
CHINESE_NEGATORS = ("不", "没", "没有", "别", "无", "未", "毫", "从没", "从未", "从不", "不是")


@pytest.mark.parametrize(
    ("language", "negator"),
    [("en", n) for n in ENGLISH_NEGATORS] + [("zh", n) for n in CHINESE_NEGATORS],
)
def test_a_negator_does_not_give_the_label_away(language: str, negator: str) -> None:
    labels = Counter(r.label for r in written("train") if r.language == language and re.search(negator, r.text, re.I))
    polar = labels[0] + labels[2]
    assert polar >= 20
    assert max(labels[0], labels[2]) / polar <= 0.66


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("split", ["train", "dev"])
def test_names_nations_groups_places_and_numbers_say_nothing(language: str, split: str) -> None:
    words = sorted(word for name in IDENTITY for word in lexicon(language, split).words(name, "*"))
    found = re.compile("|".join(rf"(?<![a-z0-9]){word.lower()}(?![a-z0-9])" for word in words))
    labels: dict[str, Counter[int | None]] = defaultdict(Counter)
    for review in written(split):
        if review.language == language:
            for word in set(found.findall(review.text.lower())):
                # a small number may also be part of a time of day
                assert review.group == "identity" or word.isdigit(), review.text
                if review.group == "identity":
                    labels[word][review.label] += 1
    assert len(labels) >= 15
    for word, counts in labels.items():
        if not word.isdigit():
            assert max(counts[i] for i in range(3)) - min(counts[i] for i in range(3)) <= 1, word


def test_articles_and_verbs_agree() -> None:
    for review in written("train") + written("dev"):
        text = review.text.lower()
        if review.language == "en":
            assert not re.search(r"\ba (?!use|uni|one|eu)[aeiou]|\ban (?!hour)[^aeiou\W]", text), review.text
            assert not re.search(
                r"(?:^|[.!?] )(the|these) (shoes|nurses|roses|tulips|chips|towels) (is|was|has)\b", text
            )


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="unknown split 'test': expected one of train"):
        write_reviews(1, 0, "test")
    with pytest.raises(ValueError, match="count is -1"):
        write_reviews(-1, 0)


def test_the_command_prints_label_capability_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "12", "--seed", "4", "--split", "dev"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 12
    assert {len(row) for row in rows} == {3}
    assert {row[0] for row in rows} <= {"negative", "neutral", "positive"}
