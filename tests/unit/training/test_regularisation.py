"""Noise while learning: how much of it, where, and that nothing of it stays."""

import pytest
import torch

from models.batching import collate
from models.classifier import Architecture, SentimentClassifier
from models.text import UNKNOWN
from training.regularisation import drop_words, virtual_adversarial_loss, weight_drop


def network() -> SentimentClassifier:
    torch.manual_seed(1)
    return SentimentClassifier(Architecture(20, 8, hidden_size=8, embedding_dropout=0.5, head_dropout=0.5))


def test_word_dropout_reads_some_words_as_unknown_and_no_padding() -> None:
    torch.manual_seed(0)
    batch = collate([[5] * 1000, [6] * 10])
    dropped = drop_words(batch, 0.3)
    share = (dropped.ids[0] == UNKNOWN).float().mean().item()
    assert 0.25 < share < 0.35
    assert not (dropped.ids[1, 10:] == UNKNOWN).any()
    assert torch.equal(drop_words(batch, 0.0).ids, batch.ids)


def test_weight_drop_thins_the_weights_within_and_leaves_them_whole() -> None:
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.ones(100, 100))
    with weight_drop([weight], 0.4):
        within = weight.detach().clone()
        (weight * weight).sum().backward()
    assert torch.equal(weight, torch.ones(100, 100))
    assert 0.37 < (within == 0).float().mean().item() < 0.43
    torch.testing.assert_close(within.max().item(), 1 / 0.6)
    # d/dw of (w·m)² is 2·w·m²: nothing where the entry was out
    assert weight.grad is not None
    torch.testing.assert_close(weight.grad, 2 * within * within)


def test_weights_are_whole_again_after_an_error() -> None:
    weight = torch.nn.Parameter(torch.ones(10, 10))
    with pytest.raises(KeyboardInterrupt), weight_drop([weight], 0.9):
        raise KeyboardInterrupt
    assert torch.equal(weight, torch.ones(10, 10))


def worst_and_random(size: float) -> tuple[float, float]:
    """KL under the adversary's move, and under random moves of the same length (mean of 50)."""
    one = network().eval()
    with torch.no_grad():
        one.head.weight.mul_(30)
    batch = collate([[3, 4, 5, 6], [7, 8]])
    adversarial = virtual_adversarial_loss(one, batch, size).item()
    x = one.embedding(batch.ids).detach()
    true = torch.log_softmax(one.head(one.pooling(one.encoder(x, batch.lengths), batch.lengths)), dim=1)
    found = []
    for _ in range(50):
        move = torch.randn_like(x)
        move = size * one.embedding.weight.std() * move / move.flatten(1).norm(dim=1).view(-1, 1, 1)
        logits = one.head(one.pooling(one.encoder(x + move, batch.lengths), batch.lengths))
        moved = torch.log_softmax(logits, dim=1)
        found.append(torch.nn.functional.kl_div(moved, true, reduction="batchmean", log_target=True).item())
    return adversarial, sum(found) / len(found)


def test_the_adversary_moves_the_answer_further_than_chance_does() -> None:
    adversarial, random = worst_and_random(1.0)
    assert adversarial > 3 * random > 0


def test_without_a_move_there_is_no_loss_and_with_one_every_weight_learns() -> None:
    one = network()
    batch = collate([[3, 4, 5, 6, 7], [8, 9]])
    assert virtual_adversarial_loss(one, batch, 0.0).item() == pytest.approx(0.0, abs=1e-9)
    virtual_adversarial_loss(one, batch, 1.0).backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in one.parameters())


def test_the_adversary_moves_no_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    one, seen = network(), []
    run = one.encoder.forward

    def look(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        seen.append(x.detach())
        return run(x, lengths)

    monkeypatch.setattr(one.encoder, "forward", look)
    virtual_adversarial_loss(one, collate([[3, 4, 5, 6, 7], [8, 9]]), 1.0)
    still, first, second = seen
    for moved in (first, second):
        assert torch.equal(moved[1, 2:], still[1, 2:])
        assert not torch.equal(moved[1, :2], still[1, :2])
    move = (second - still).flatten(1).norm(dim=1)
    torch.testing.assert_close(move, one.embedding.weight.detach().std().expand(2))


def test_the_adversary_is_as_exact_in_mixed_precision() -> None:
    one, batch, found = network(), collate([[3, 4, 5, 6, 7], [8, 9]]), []
    for mixed in (False, True):
        torch.manual_seed(4)
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            found.append(virtual_adversarial_loss(one, batch, 1.0).item())
    assert found[0] == found[1] > 0
