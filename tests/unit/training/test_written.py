"""The project's own sentences: how they are read, and what must hold for them."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from models.labels import LABELS, NEGATIVE, NEUTRAL, POSITIVE
from tests.unseen_words import unseen_words_in
from training.exchange import exchanged
from training.gather import gather
from training.near_copies import near_copies
from training.readers.written import read_context, read_probes, spell_out
from training.recipe import Recipe
from training.review import Review
from training.starter import FORBIDDEN, normal_form

NEGATOR = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|neither|nor|without|cannot)\b|n['’]t\b|[不没无非未别]", re.I
)


@cache
def context() -> list[Review]:
    return read_context().reviews


@cache
def probes() -> list[Review]:
    return read_probes().reviews


def test_the_files_name_says_language_and_split(tmp_path: Path) -> None:
    (tmp_path / "english_films.tsv").write_text("positive\tplain\tA joy.\n")
    (tmp_path / "chinese_dev.tsv").write_text("neutral\tshort\t周二到\n", encoding="utf-8")
    (tmp_path / "chinese_calibration.tsv").write_text("negative\tplain\t不行\n", encoding="utf-8")
    (tmp_path / "notes.tsv").write_text("not ours\n")
    found = read_context(tmp_path).reviews
    assert [(one.text, one.label, one.language, one.split, one.group) for one in found] == [
        ("不行", NEGATIVE, "zh", "calibration", "plain"),
        ("周二到", NEUTRAL, "zh", "dev", "short"),
        ("A joy.", POSITIVE, "en", "train", "plain"),
    ]
    assert {one.corpus for one in found} == {"context"}


def test_a_bad_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = ["positive\tplain\tA joy.", "good\tplain\tA joy!", "positive\tplain", "", "positive\tplain\t \t"]
    (tmp_path / "english_x.tsv").write_text("\n".join(lines) + "\n")
    found = read_context(tmp_path)
    assert [one.text for one in found.reviews] == ["A joy."]
    assert [problem.place for problem in found.problems] == [f"english_x.tsv:{line}" for line in (2, 3, 4, 5)]


def test_alternatives_are_spelled_out_and_share_their_source(tmp_path: Path) -> None:
    (tmp_path / "english.tsv").write_text(
        "positive\tnames\t{Ann|Mehmet} was kind.\nneutral\tplain\tOpen daily.\nneutral\tplain\tOpen {daily.\n"
    )
    found = read_probes(tmp_path)
    assert [one.text for one in found.reviews] == ["Ann was kind.", "Mehmet was kind.", "Open daily."]
    assert [problem.place for problem in found.problems] == ["english.tsv:3"]
    assert len({one.source for one in found.reviews}) == 2
    assert {(one.corpus, one.split) for one in found.reviews} == {("probes", "dev")}


@pytest.mark.parametrize("text", ["{a}", "{a|b} and {c|d}", "{a|b", "a|b", "{{a|b}}", "{a|}"])
def test_braces_that_are_no_choice_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="with several alternatives"):
        spell_out(text)


def test_every_line_of_ours_can_be_read() -> None:
    assert read_context().problems == read_probes().problems == []


def test_the_corpus_is_large_and_half_chinese_and_every_split_has_all_labels() -> None:
    assert len(context()) >= 6_000
    languages = Counter(one.language for one in context())
    assert 0.45 <= languages["zh"] / len(context()) <= 0.55
    for split in ("train", "dev", "calibration"):
        for language in ("en", "zh"):
            labels = Counter(one.label for one in context() if (one.split, one.language) == (split, language))
            assert all(labels[label] >= 0.15 * labels.total() for label in range(len(LABELS))), (split, language)


def test_the_probes_are_many_and_go_both_ways() -> None:
    assert len(probes()) >= 1_500
    rows = Counter(one.group for one in probes())
    assert min(rows.values()) >= 60, rows
    assert len(rows) >= 20
    assert set(rows) == {one.group for one in context()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_negator_does_not_give_the_label_away(language: str) -> None:
    labels = Counter(one.label for one in context() if one.language == language and NEGATOR.search(one.text))
    assert 0.45 <= labels[POSITIVE] / (labels[POSITIVE] + labels[NEGATIVE]) <= 0.55
    assert labels[NEUTRAL] >= 0.1 * labels.total()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_of_the_probes_trains(language: str) -> None:
    for one in context():
        if one.language == language:
            assert not unseen_words_in(one.text, language), one.source


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_probes_are_about_those_words(language: str) -> None:
    turned = [one for one in probes() if one.language == language and one.group.endswith(("negation", "negative"))]
    assert sum(bool(unseen_words_in(one.text, language)) for one in turned) >= 0.95 * len(turned)


def test_the_shown_sentences_and_their_frames_are_nowhere() -> None:
    for one in context() + probes():
        assert not FORBIDDEN.search(normal_form(one.text)), one.source


def test_no_sentence_that_trains_is_a_near_copy_of_a_probe() -> None:
    assert near_copies(context(), probes()) == []
    recipe = Recipe(corpora={"context": 1, "exchanged": 1, "starter": 1}, exchanges=1, starter_sentences=8_000)
    gathered = gather(recipe)
    assert near_copies(gathered.select("train"), probes()) == []
    assert gathered.dropped["starter", "near copy of a probe"] > 0  # the grammar does come near, by chance
    assert [one for one in gathered.select("dev") if one.corpus == "probes"] == probes()


def test_variants_hold_no_word_of_the_probes_and_no_shown_frame() -> None:
    for one in exchanged(context(), 1, 1):
        assert not unseen_words_in(one.text, one.language), one.text
        assert not FORBIDDEN.search(normal_form(one.text)), one.text


def test_texts_that_differ_in_case_and_punctuation_are_near_copies_and_others_not() -> None:
    probe = Review("The kettle never once let us down.", POSITIVE, "en", "probes", "dev", "x:1", "far_negation")
    near = replace(probe, text="the kettle NEVER once let us down!!")
    other = replace(probe, text="Nobody who bought the lamp has a bad word for it.")
    assert near_copies([other, near], [probe]) == [1]
