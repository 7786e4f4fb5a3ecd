"""The pictures of the recurrence, of the committed model."""

from pathlib import Path

import pytest

from examples.unrolled import counts, main


def test_it_draws_and_counts(default_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(default_artifact), "--out", str(tmp_path), "--sentence", "not a good film"]) == 0
    assert "not a good film" in capsys.readouterr().out
    for name in ("unrolled.png", "states.png"):
        assert (tmp_path / name).stat().st_size > 10_000


def test_shared_weights_do_not_grow_with_the_text() -> None:
    found = dict(counts(1_000, 8, 4, (3, 30)))
    assert found["a weight per word and class, 1,000 words"] == 3_000
    assert found["a dense layer over 3 words, weights for each place"] == 3 * 8 * 4 + 4
    assert found["a dense layer over 30 words, weights for each place"] == 30 * 8 * 4 + 4
    assert found["elman, one direction, any number of words"] == 8 * 4 + 4 * 4 + 4 + 4


def test_a_model_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--model", str(tmp_path / "none.pt"), "--out", str(tmp_path)])
    assert "no model could be read" in capsys.readouterr().err
