"""The committed model and what is said of it."""

import json
import re
import time
from pathlib import Path

import pytest

from models.predictor import Predictor

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def predictor(default_artifact: Path) -> Predictor:
    return Predictor.load(default_artifact, "cpu")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("The flower is so beautiful", {"positive"}),
        ("i do not think the flower is beautiful", {"negative"}),
        ("我喜欢数学", {"positive"}),
        ("我不喜欢数学", {"negative"}),
        ("这家酒店没有想象中那么差", {"neutral", "positive"}),
        ("The package arrived on Tuesday.", {"neutral"}),
    ],
)
def test_the_sentences_that_it_is_for(predictor: Predictor, text: str, labels: set[str]) -> None:
    assert predictor.predict([text])[0].label in labels


def test_it_is_small_and_loads_at_once(default_artifact: Path) -> None:
    assert default_artifact.stat().st_size <= 20_000_000
    began = time.monotonic()
    Predictor.load(default_artifact, "cpu")
    assert time.monotonic() - began <= 2


def test_report_and_readme_are_of_this_model(predictor: Predictor, default_artifact: Path) -> None:
    assert predictor.version in (default_artifact.parent / "report.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- figures -->\n(.*?)<!-- end of figures -->", README, re.DOTALL)
    assert found
    rows = re.findall(r"^\| .*?`(\w+)`.*? \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|", found[1], re.MULTILINE)
    assert len(rows) >= 7
    for corpus, count, accuracy, macro_f1 in rows:
        figures = predictor.manifest["figures"]["corpora"][corpus]
        assert int(count.replace(",", "")) == figures["rows"]
        assert accuracy == f"{figures['accuracy']:.3f}"
        assert macro_f1 == f"{figures['macro_f1']:.3f}"


def test_the_example_in_the_readme_is_answered_as_shown(predictor: Predictor) -> None:
    sent = json.loads(re.findall(r"-d '(\{.*?\})'", README)[0])
    shown = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0])
    answer = predictor.predict([sent["text"]])[0].to_dict()
    assert list(shown) == [*answer, "model"]
    assert shown["label"] == answer["label"]
    assert shown["tokens"] == answer["tokens"]
    assert shown["score"] == pytest.approx(answer["score"], abs=0.006)
    assert shown["model"] == {"name": predictor.name, "version": predictor.version}


def test_the_python_in_the_readme_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    exec(re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0], {})
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_every_link_and_target_in_the_readme_exists() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert (
        set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)))) <= targets
    )
