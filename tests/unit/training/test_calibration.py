"""Temperature scaling finds the temperature that was put in."""

import torch

from training.calibration import fit_by_language, fit_temperature


def sampled(temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits, and labels drawn from softmax(logits / temperature)."""
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(20_000, 3, generator=generator) * 3
    labels = torch.multinomial(torch.softmax(logits / temperature, 1), 1, generator=generator).flatten()
    return logits, labels


def test_an_overconfident_model_is_cooled_and_a_timid_one_sharpened() -> None:
    for temperature in (0.5, 1.0, 2.5):
        assert abs(fit_temperature(*sampled(temperature)) / temperature - 1) < 0.05


def test_each_language_has_its_own() -> None:
    one, two = sampled(0.5), sampled(2.5)
    logits, labels = torch.cat((one[0], two[0])), torch.cat((one[1], two[1]))
    found = fit_by_language(logits, labels, ["en"] * 20_000 + ["zh"] * 20_000)
    assert abs(found["en"] - 0.5) < 0.05
    assert abs(found["zh"] - 2.5) < 0.15


def test_nothing_to_fit_on_leaves_probabilities_as_they_are() -> None:
    assert fit_temperature(torch.empty(0, 3), torch.empty(0, dtype=torch.long)) == 1.0
    assert fit_by_language(torch.empty(0, 3), torch.empty(0, dtype=torch.long), []) == {}


def test_a_model_that_is_always_right_stays_within_bounds() -> None:
    logits = torch.eye(3) * 5
    assert 0.05 <= fit_temperature(logits, torch.arange(3)) < 1
