"""The generated context sentences: repeatable, balanced, and without the words that the probes are about."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache

import pytest

from tests.unseen_words import unseen_words_in
from training.review import Review
from training.starter import main, normal_form, write_reviews
from training.starter_grammar.lexicon import Lexicon, read_lexicon
from training.starter_grammar.templates import read_templates
from training.starter_grammar.writer import HERE, IDENTITY, NAMES

SHOWN = (
    "The flower is so beautiful",
    "i do not think the flower is beautiful",
    "我喜欢数学",
    "我不喜欢数学",
    "这家酒店没有想象中那么差",
    "The package arrived on Tuesday.",
)


@cache
def written() -> list[Review]:
    return write_reviews(24_000, 3)


def lexicon(language: str) -> Lexicon:
    return read_lexicon(HERE / f"{NAMES[language]}_words.txt")


def test_the_same_seed_gives_the_same_list() -> None:
    assert write_reviews(300, 5) == write_reviews(300, 5)
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


def test_every_review_is_complete_and_distinct() -> None:
    reviews = written()
    assert len({normal_form(review.text) for review in reviews}) == len(reviews)
    for review in reviews:
        assert review.text.strip() == review.text != ""
        assert not re.search(r"[{}\[\]|]", review.text)
        assert (review.corpus, review.split) == ("starter", "train")
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
def test_every_capability_has_fifteen_templates(language: str) -> None:
    counts = Counter(one.capability for one in read_templates(HERE / f"{NAMES[language]}_templates.txt"))
    assert set(counts) == {review.group for review in written() if review.language == language}
    assert min(counts.values()) >= 15, counts


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_of_the_probes_occurs(language: str) -> None:
    templates = [one.text for one in read_templates(HERE / f"{NAMES[language]}_templates.txt")]
    plain = re.sub(r"[\[\]|]", " ", re.sub(r"\{[^}]*\}", "_", "\n".join(templates)))
    haystack = plain + "\n" + "\n".join(review.text for review in written() if review.language == language)
    assert unseen_words_in(haystack, language) == set()


def test_the_shown_sentences_never_come_out() -> None:
    shown = {normal_form(text) for text in SHOWN}
    for review in written():
        normal = normal_form(review.text)
        assert normal not in shown
        assert not any(text in normal for text in shown)
        assert "数学" not in normal
        assert not ("flower" in normal and "beautiful" in normal)
        assert not re.search(r"酒店没有?想象中的?那么差|(package|parcel)s? arrived", normal)
        assert not re.search(r"^i (do not|dont) think the \w+ (is|was) \w+$|^我不喜欢\w{1,4}$", normal)


def test_labels_are_balanced_in_each_capability_of_two_directions() -> None:
    counts: dict[tuple[str, str], Counter[int | None]] = defaultdict(Counter)
    for review in written():
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
    labels = Counter(r.label for r in written() if r.language == language and re.search(negator, r.text, re.I))
    polar = labels[0] + labels[2]
    assert polar >= 20
    assert max(labels[0], labels[2]) / polar <= 0.66


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_nations_groups_places_and_numbers_say_nothing(language: str) -> None:
    words = sorted(word for name in IDENTITY for word in lexicon(language).words(name, "*"))
    found = re.compile("|".join(rf"(?<![a-z0-9]){word.lower()}(?![a-z0-9])" for word in words))
    labels: dict[str, Counter[int | None]] = defaultdict(Counter)
    for review in written():
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
    for review in written():
        text = review.text.lower()
        if review.language == "en":
            assert not re.search(r"\ba (?!use|uni|one|eu)[aeiou]|\ban (?!hour)[^aeiou\W]", text), review.text
            assert not re.search(
                r"(?:^|[.!?] )(the|these) (shoes|nurses|roses|tulips|chips|towels) (is|was|has)\b", text
            )


def test_a_wrong_count_is_named() -> None:
    with pytest.raises(ValueError, match="count is -1"):
        write_reviews(-1, 0)


def test_the_command_prints_label_capability_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "12", "--seed", "4"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 12
    assert {len(row) for row in rows} == {3}
    assert {row[0] for row in rows} <= {"negative", "neutral", "positive"}
