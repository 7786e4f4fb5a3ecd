"""Which weights learn how fast, and from when on."""

import pytest

from models.classifier import Architecture, SentimentClassifier
from training.optimizer import optimizer_of, recurrent_weights
from training.recipe import TrainingSection

NETWORK = SentimentClassifier(Architecture(20, 8, hidden_size=8))


def rates(settings: TrainingSection, steps: int) -> list[dict[int, float]]:
    """At each step, the rate of every weight by its id."""
    optimizer, scheduler = optimizer_of(NETWORK, settings, steps)
    found = []
    for _ in range(steps):
        found.append({id(weight): group["lr"] for group in optimizer.param_groups for weight in group["params"]})
        optimizer.step()
        scheduler.step()
    return found


def test_every_weight_is_in_one_group_and_biases_are_not_decayed() -> None:
    optimizer, _ = optimizer_of(NETWORK, TrainingSection(weight_decay=0.5), 10)
    grouped = [weight for group in optimizer.param_groups for weight in group["params"]]
    assert sorted(map(id, grouped)) == sorted(map(id, NETWORK.parameters()))
    for group in optimizer.param_groups:
        assert group["weight_decay"] == (0.5 if group["params"][0].dim() > 1 else 0.0)


def test_rates_fall_from_head_to_encoder_to_embedding() -> None:
    at = rates(TrainingSection(learning_rate=1.0, layer_rate=0.5, warmup=0.1), 100)[50]
    head, encoder, embedding = (
        at[id(part)] for part in (NETWORK.head.weight, recurrent_weights(NETWORK)[0], NETWORK.embedding.weight)
    )
    assert encoder == pytest.approx(head / 2)
    assert embedding == pytest.approx(head / 4)


def test_each_layer_begins_a_share_of_the_steps_after_the_one_above_it() -> None:
    over = rates(TrainingSection(learning_rate=1.0, unfreeze=0.2, warmup=0.05), 100)
    first = {}
    for name, weight in (
        ("head", NETWORK.head.bias),
        ("encoder", recurrent_weights(NETWORK)[1]),
        ("embedding", NETWORK.embedding.weight),
    ):
        first[name] = next(step for step, at in enumerate(over) if at[id(weight)] > 0)
    assert first == {"head": 0, "encoder": 20, "embedding": 40}


def test_recurrent_weights_are_those_of_both_directions() -> None:
    assert [tuple(weight.shape) for weight in recurrent_weights(NETWORK)] == [(32, 8), (32, 8)]
