"""Pairs that only context tells apart, and who can."""

from pathlib import Path
from random import Random

import pytest

from examples.bag_of_words import main, pairs


def test_the_sentences_of_a_pair_have_opposite_labels() -> None:
    for one, other in pairs(200, "train", Random(1)):
        assert one.kind == other.kind
        assert {one.label, other.label} == {0, 1}


def test_the_pairs_are_what_their_kind_says() -> None:
    for one, other in pairs(200, "test", Random(1)):
        if one.kind == "order":
            assert sorted(one.words) == sorted(other.words)
        else:
            assert [word for word in other.words if word != "not"] == list(one.words)
            distance = len(other.words) - 1 - other.words.index("not")
            assert (distance == 1) if one.kind == "near" else (5 <= distance <= 13)


def test_no_measured_sentence_is_a_training_sentence() -> None:
    learned, measured = (
        {one.words for pair in pairs(500, split, Random(1)) for one in pair} for split in ("train", "test")
    )
    assert not learned & measured


def test_order_is_a_coin_toss_to_a_bag_of_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--steps", "30", "--out", str(tmp_path)]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("bag of words"))
    # sums of the same weights in another order may differ in the last bit, on either side of 0
    assert float(row.split()[3]) == pytest.approx(0.5, abs=0.005)
    assert (tmp_path / "bag_of_words.png").stat().st_size > 5_000
