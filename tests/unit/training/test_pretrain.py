"""Pre-training: foretells tokens in both directions, resumes to the same result, and the encoder is what it trains."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from models.classifier import Architecture, SentimentClassifier
from models.language_model import LanguageModel
from training.checkpoint import CheckpointError
from training.pretrain import Pretraining
from training.recipe import PretrainingSection

CPU = torch.device("cpu")
SHAPE = Architecture(12, 8, hidden_size=16)
SETTINGS = PretrainingSection(epochs=4, batch_tokens=60, sample=8, learning_rate=0.02, dropout=0.0)


def rings(count: int, seed: int) -> list[list[int]]:
    """Texts in which 5, 6, 7, 8, 9 follow each other round and round: each token tells the next and the last."""
    generator = torch.Generator().manual_seed(seed)
    starts = torch.randint(5, (count,), generator=generator).tolist()
    return [[5 + (start + step) % 5 for step in range(3 + start)] for start in starts]


def pretraining(folder: Path, settings: PretrainingSection = SETTINGS, fingerprint: str = "same") -> Pretraining:
    torch.manual_seed(1)
    network = SentimentClassifier(SHAPE)
    return Pretraining(network, SHAPE, rings(200, 1), rings(40, 2), settings, 1, CPU, folder, fingerprint)


def test_it_learns_what_follows_in_each_direction(tmp_path: Path) -> None:
    before = pretraining(tmp_path).perplexities()
    after = pretraining(tmp_path, SETTINGS.model_copy(update={"epochs": 12})).run()
    assert len(before) == len(after) == 2
    assert min(before) > 3
    assert max(after) < 1.2  # one is certainty


def test_what_it_trains_is_the_classifiers_embedding_and_encoder(tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = SentimentClassifier(SHAPE)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    Pretraining(network, SHAPE, rings(50, 1), [], SETTINGS, 1, CPU, tmp_path, "x").run()
    changed = {name for name, weight in network.state_dict().items() if not torch.equal(weight, before[name])}
    assert changed == {name for name in before if not name.startswith("head.")}


def test_the_sampled_loss_leads_to_the_distribution_that_the_whole_vocabulary_has(tmp_path: Path) -> None:
    torch.manual_seed(3)
    shares = torch.tensor([0.6, 0.2, 0.1, 0.06, 0.04])  # of tokens 5 to 9, drawn independently: nothing else to learn
    texts = [(5 + torch.multinomial(shares, 20, replacement=True)).tolist() for _ in range(300)]
    settings = SETTINGS.model_copy(update={"epochs": 6, "batch_tokens": 400, "sample": 3, "learning_rate": 0.01})
    found = Pretraining(SentimentClassifier(SHAPE), SHAPE, texts, texts[:100], settings, 1, CPU, tmp_path, "x").run()
    entropy = float(-(shares * shares.log()).sum())
    assert max(found) == pytest.approx(math.exp(entropy), rel=0.05)


@pytest.mark.parametrize("directions", [1, 2])
def test_no_state_has_seen_what_it_foretells(directions: int) -> None:
    torch.manual_seed(0)
    shape = Architecture(12, 8, hidden_size=16, directions=directions)
    network = SentimentClassifier(shape)
    model = LanguageModel(network.embedding, network.encoder, 16, directions).eval()
    ids, lengths = torch.tensor([[5, 6, 7, 8, 9, 10]]), torch.tensor([6])
    changed = ids.clone()
    changed[0, 3] = 11
    pairs = zip(model(ids, lengths), model(changed, lengths), strict=True)
    for direction, ((states, targets), (others, _)) in enumerate(pairs):
        same = [bool(torch.equal(one, other)) for one, other in zip(states, others, strict=True)]
        assert targets.tolist() == ([6, 7, 8, 9, 10] if direction == 0 else [5, 6, 7, 8, 9])
        # forward: what foretells tokens 1 to 3 read tokens 0 to 2; backward: what foretells 3 and 4 read 4 and 5
        assert same == ([True, True, True, False, False] if direction == 0 else [False, False, False, True, True])


def test_padding_is_neither_read_nor_foretold() -> None:
    network = SentimentClassifier(SHAPE)
    model = LanguageModel(network.embedding, network.encoder, 16, 2).eval()
    alone = model(torch.tensor([[5, 6, 7]]), torch.tensor([3]))
    padded = model(torch.tensor([[5, 6, 7, 0, 0]]), torch.tensor([3]))
    for (states, targets), (others, same) in zip(alone, padded, strict=True):
        assert targets.tolist() == same.tolist()
        torch.testing.assert_close(states, others)


def test_two_layers_in_two_directions_are_refused() -> None:
    network = SentimentClassifier(Architecture(12, 8, hidden_size=16, layers=2))
    with pytest.raises(ValueError, match="would read what it is to foretell"):
        LanguageModel(network.embedding, network.encoder, 16, 2)


def test_a_run_killed_at_any_step_and_resumed_ends_as_the_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.model_copy(update={"dropout": 0.2})
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = pretraining(tmp_path / "whole", settings)
    whole.run()

    monkeypatch.setattr("training.pretrain._CHECKPOINT_SECONDS", -1.0)
    killed = pretraining(tmp_path / "killed", settings)
    take_step, taken = killed._step, iter(range(7))

    def step_until_killed(indices: list[int]) -> tuple[float, int]:
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return take_step(indices)

    monkeypatch.setattr(killed, "_step", step_until_killed)
    with pytest.raises(KeyboardInterrupt):
        killed.run()
    torch.manual_seed(999)
    resumed = pretraining(tmp_path / "killed", settings)
    resumed.run(resume=True)
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name
    with pytest.raises(CheckpointError, match="another recipe, seed or data"):
        pretraining(tmp_path / "killed", settings, "other").run(resume=True)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Bit-for-bit comparisons, and no waiting for cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
