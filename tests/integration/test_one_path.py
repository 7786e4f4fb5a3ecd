"""The same text, the same answer: evaluation, POST /predict and the batch script."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from live_service import ROOT, running

from models.labels import LABELS
from models.predictor import Predictor
from training.corpora import load_corpora
from training.evaluation import evaluate
from training.review import Review
from training.starter import write_reviews

ROWS = 500
REAL = ("sst", "hotel", "waimai", "amazon", "online_shopping")


@pytest.fixture(scope="module")
def reviews() -> list[Review]:
    """Dev reviews of the real corpora where DATA_DIR has them, else written dev sentences."""
    if os.environ.get("DATA_DIR"):
        dev = load_corpora(REAL, download=False).select("dev", labelled=True)
        return dev[:: len(dev) // ROWS][:ROWS]
    return write_reviews(ROWS, seed=1)


def test_evaluation_the_service_and_the_batch_script_agree(
    reviews: list[Review], default_artifact: Path, tmp_path: Path
) -> None:
    texts = [review.text for review in reviews]
    assert len(texts) == ROWS
    measured = evaluate(Predictor.load(default_artifact, "cpu"), reviews).predictions

    with running(tmp_path, default_artifact) as server:
        server.wait_ready()
        served = []
        for start in range(0, ROWS, 128):
            status, answer = server.predict({"texts": texts[start : start + 128]})
            assert status == 200
            served += answer["predictions"]
        served_alone = [server.predict({"text": text})[1] for text in texts[::10]]

    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    (tmp_path / "reviews.jsonl").write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "service.score", str(tmp_path / "reviews.jsonl"), "--model", str(default_artifact)]
    subprocess.run([*command, "--device", "cpu"], cwd=ROOT, check=True, capture_output=True)
    scored = [json.loads(line) for line in (tmp_path / "reviews.scored.jsonl").read_text("utf-8").splitlines()]

    for answers, expected in ((served, measured), (served_alone, measured[::10]), (scored, measured)):
        for found, one in zip(answers, expected, strict=True):
            assert found["label"] == one.label
            for label in LABELS:
                assert abs(found["probabilities"][label] - one.probabilities[label]) <= 1e-5
