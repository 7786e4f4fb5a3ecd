"""The command line of evaluation, from a saved file to the report beside it."""

import json
import shutil
from pathlib import Path

import pytest

from models.predictor import Predictor
from training.evaluate import main, read


@pytest.fixture
def model(tiny_artifact: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_artifact, tmp_path / "sentiment.pt"))


def test_without_any_corpus_the_written_sentences_are_measured(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found.jsonl"
    arguments = ["--model", str(model), "--data-dir", str(tmp_path / "none"), "--device", "cpu", "--no-baseline"]
    assert main([*arguments, "--predictions", str(found)]) == 0
    said = capsys.readouterr().out
    assert "not measured: imdb, sst, counterfactual, amazon, online_shopping, hotel, waimai" in said
    rows = [json.loads(line) for line in found.read_text(encoding="utf-8").splitlines()]
    assert f"{len(rows):,} reviews of the dev split" in said
    assert {row["corpus"] for row in rows} == {"context", "probes"}
    assert "| negation (dev)" in said
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# The model `tiny`")

    again = Predictor.load(model, "cpu").predict([rows[7]["text"]])[0]
    assert rows[7]["prediction"]["probabilities"] == pytest.approx(again.probabilities, abs=1e-5)
    assert set(rows[7]) == {"text", "true_label", "corpus", "source", "prediction"}


def test_corpora_and_baseline_are_measured_where_they_are(
    model: Path, corpora_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpora_dir / "chinese" / "waimai_10k.csv").unlink()
    assert main(["--model", str(model), "--data-dir", str(corpora_dir), "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "not measured: waimai (" in said
    assert "| counterfactual" in said
    assert "baseline" in said


def test_the_probes_are_measured_on_dev_alone(tmp_path: Path) -> None:
    train, dev = read({}, "dev", tmp_path)
    assert {one.corpus for one in train} == {"context"}
    assert {one.corpus for one in dev} == {"context", "probes"}
    assert {one.corpus for one in read({}, "calibration", tmp_path)[1]} == {"context"}


def test_a_model_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--model", str(tmp_path / "none.pt"), "--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: no model could be read at")
    assert len(said.splitlines()) == 1


def test_the_test_split_cannot_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--split", "test"])
    assert "train" in capsys.readouterr().err
