"""The ablation's figures and its table; the runs themselves are a bench."""

import pytest
import torch

from bench.ablation import VARIANTS, figures, report
from training.examples import Examples
from training.recipe import TrainingSection


def test_figures_are_those_that_evaluation_has() -> None:
    labels = [0, 2, 0, 1, 2, 1]
    corpora = ["imdb", "imdb", "sst", "sst", "sst", "context"]
    dev = Examples([[1]] * 6, labels, torch.eye(3)[labels], corpora, ["en"] * 6, [""] * 6)
    logits = torch.tensor([[2.0, 3, 1], [2, 0, 1], [2, 0, 1], [0, 1, 2], [0, 2, 1], [0, 1, 0]])
    found = figures(dev, logits)
    assert found["imdb"] == 0.5  # neutral does not count in a corpus of two classes,
    assert found["neutral"] == 0.5  # but that it was the likeliest is told
    assert found["sst2"] == 1.0
    assert found["sst"] == pytest.approx(1 / 3)  # macro-F1: 1 for negative, 0 for both others
    assert found["context"] == 1.0


def test_the_table_has_means_and_spread_over_seeds() -> None:
    one = {"imdb": 0.8, "sst": 0.5, "neutral": 0.01}
    runs = [
        {"variant": "whole", "seed": 1, "figures": one},
        {"variant": "whole", "seed": 2, "figures": one | {"imdb": 0.9}},
        {"variant": "weight drop", "seed": 1, "figures": one},
    ]
    header, _, whole, drop = report(runs).splitlines()
    assert "imdb" in header
    assert [cell.strip() for cell in whole.split("|")][1:4] == ["whole", "2", "0.850 ±0.050"]
    assert [cell.strip() for cell in drop.split("|")][1:4] == ["weight drop", "1", "0.800"]


def test_every_variant_names_settings_that_there_are() -> None:
    for name, variant in VARIANTS.items():
        assert set(variant) <= {"start", "teacher", "shares", "stage"}, name
        TrainingSection.model_validate(variant.get("stage", {}))
        assert set(variant.get("shares", {}).values()) <= {0.0}, name
