"""The loop: learns, resumes to the same result, stops on a number that is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from models.classifier import Architecture, SentimentClassifier
from models.labels import NEUTRAL
from training.checkpoint import CheckpointError
from training.examples import Examples
from training.judging import macro_f1, predict_logits
from training.loop import Loop, TrainingError
from training.recipe import TrainingSection

CPU = torch.device("cpu")
SETTINGS = TrainingSection(epochs=4, batch_texts=4, learning_rate=0.02, word_dropout=0.1, average=0.9, patience=4)


def examples() -> Examples:
    """Word 5 is good and 6 bad, unless word 2 (not) stands anywhere before it."""
    generator = torch.Generator().manual_seed(2)
    ids, labels = [], []
    for _ in range(160):
        word, negated = (int(torch.randint(2, (), generator=generator)) for _ in range(2))
        filler = torch.randint(
            7, 12, (int(torch.randint(1, 6, (), generator=generator)),), generator=generator
        ).tolist()
        ids.append([2] * negated + filler + [5 + word])
        labels.append(0 if word != negated else 2)
    targets = nn.functional.one_hot(torch.tensor(labels), 3).float()
    return Examples(ids, labels, targets, ["toy"] * 160, ["en"] * 160, [f"toy:{number}" for number in range(160)])


def loop(folder: Path, *stages: TrainingSection, fingerprint: str = "same") -> Loop:
    torch.manual_seed(1)
    network = SentimentClassifier(Architecture(12, 8, hidden_size=8, embedding_dropout=0.1, head_dropout=0.1))
    return Loop(network, examples(), examples(), {}, stages or (SETTINGS,), 1, CPU, folder, fingerprint)


def weights(one: Loop) -> dict[str, torch.Tensor]:
    return one.classifier.state_dict()


def test_it_learns_that_not_turns_a_word_that_stands_far_behind(tmp_path: Path) -> None:
    one = loop(tmp_path, SETTINGS.model_copy(update={"epochs": 25, "patience": 25}))
    progress = one.run()
    assert progress.best_macro_f1 > 0.97
    assert macro_f1(examples(), predict_logits(one.classifier, examples(), CPU)) == progress.best_macro_f1


def test_a_stage_starts_from_the_best_weights_of_the_one_before_and_has_shares_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the first stage's last two epochs spoil what the first had
    spoiling = SETTINGS.model_copy(update={"epochs": 9, "learning_rate": 3.0, "patience": 2, "average": 0.0})
    one = loop(tmp_path, spoiling, SETTINGS.model_copy(update={"epochs": 2, "corpora": {"toy": 0.5}}))
    begin, starts = one._begin_stage, []

    def begin_and_look() -> None:
        starts.append(macro_f1(examples(), predict_logits(one.classifier, examples(), CPU)))
        begin()

    monkeypatch.setattr(one, "_begin_stage", begin_and_look)
    progress = one.run()
    first = [row["macro_f1"] for row in progress.history if row["stage"] == 1 and row["split"] == "dev"]
    assert first[-1] < max(first)
    assert len(first) < 9
    assert starts == [max(first)]
    assert progress.epochs_of_stages == [len(first), 2]
    assert progress.step == len(first) * 40 + 2 * 20
    second = [row["macro_f1"] for row in progress.history if row["stage"] == 2 and row["split"] == "dev"]
    assert progress.best_macro_f1 == max(second)
    assert (progress.epoch, progress.best_epoch) == (len(first) + 2, len(first) + second.index(max(second)))


def test_a_stage_keeps_a_share_of_the_weights_that_it_began_with(tmp_path: Path) -> None:
    for name in ("whole", "kept"):
        (tmp_path / name).mkdir()
    one_epoch = SETTINGS.model_copy(update={"epochs": 1})
    start = {name: weight.clone() for name, weight in weights(loop(tmp_path)).items()}
    whole, kept = (
        loop(tmp_path / "whole", one_epoch),
        loop(tmp_path / "kept", one_epoch.model_copy(update={"keep": 0.25})),
    )
    whole.run()
    kept.run()
    for name, weight in weights(whole).items():
        torch.testing.assert_close(weights(kept)[name], 0.75 * weight + 0.25 * start[name])


@pytest.mark.parametrize("stop_after", [1, 39, 40, 41, 97, 160, 161, 199])
def test_a_run_killed_at_any_step_and_resumed_ends_as_the_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    noisy = {"weight_drop": 0.2, "adversarial": 1.0, "layer_rate": 0.5, "unfreeze": 0.2}
    stages = SETTINGS, SETTINGS.model_copy(update={"epochs": 2, "corpora": {"toy": 0.5}, "keep": 0.3, **noisy})
    whole = loop(tmp_path / "whole", *stages)
    expected = whole.run()

    monkeypatch.setattr("training.loop._CHECKPOINT_SECONDS", -1.0)  # a checkpoint after every step
    killed = loop(tmp_path / "killed", *stages)
    take_step, taken = killed._step, iter(range(stop_after))

    def step_until_killed(indices: list[int]) -> tuple[float, int]:
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return take_step(indices)

    monkeypatch.setattr(killed, "_step", step_until_killed)
    with pytest.raises(KeyboardInterrupt):
        killed.run()

    resumed = loop(tmp_path / "killed", *stages)
    progress = resumed.run(resume=True)
    assert progress.best_macro_f1 == expected.best_macro_f1
    assert progress.step == expected.step
    for name, weight in weights(whole).items():
        assert torch.equal(weight, weights(resumed)[name]), name


def test_a_checkpoint_of_other_data_is_refused(tmp_path: Path) -> None:
    loop(tmp_path, SETTINGS.model_copy(update={"epochs": 1})).run()
    with pytest.raises(CheckpointError, match="another recipe, seed or data"):
        loop(tmp_path, fingerprint="other").run(resume=True)


def test_nothing_to_resume_and_a_torn_checkpoint_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        loop(tmp_path).run(resume=True)
    (tmp_path / "checkpoint.pt").write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="no checkpoint that torch can read"):
        loop(tmp_path).run(resume=True)


def test_a_loss_that_is_no_number_stops_with_step_and_batch(tmp_path: Path) -> None:
    one = loop(tmp_path)
    with torch.no_grad():
        one.classifier.head.bias.fill_(float("nan"))
    with pytest.raises(
        TrainingError, match=r"the loss is nan at step 1 \(epoch 1\), in the batch of 4 texts .* toy:\d+"
    ):
        one.run()


def test_it_stops_when_dev_gets_no_better(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = loop(tmp_path, SETTINGS.model_copy(update={"learning_rate": 1e-12, "patience": 2, "epochs": 9})).run()
    assert progress.epoch == 3  # the first is the best, two bring nothing
    assert "stopped after epoch 3" in capsys.readouterr().out


def test_macro_f1_of_two_classes_leaves_neutral_out_and_corpora_weigh_alike() -> None:
    rows = Examples([[1]] * 4, [0, 2, 0, 1], torch.zeros(4, 3), ["two", "two", "three", "three"], ["en"] * 4, [""] * 4)
    logits = torch.tensor([[1.0, 9.0, 0.0], [0.0, 9.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    assert macro_f1(rows, logits) == pytest.approx((1.0 + (0 + 2 / 3) / 2) / 2)


def test_with_two_class_loss_a_review_of_two_classes_says_nothing_of_neutral_and_one_of_three_does(
    tmp_path: Path,
) -> None:
    neutral = []
    for number, (two_class_loss, corpus) in enumerate([(False, "imdb"), (True, "imdb"), (True, "context")]):
        settings = SETTINGS.model_copy(
            update={"epochs": 1, "average": 0.0, "two_class_loss": two_class_loss, "weight_decay": 0.0}
        )
        (tmp_path / str(number)).mkdir()
        one = loop(tmp_path / str(number), settings)
        one.train.corpora[:] = [corpus] * len(one.train)
        before = one.classifier.head.bias[NEUTRAL].item()
        one.run()
        neutral.append(one.classifier.head.bias[NEUTRAL].item() - before)
    pushed_down, untouched, of_three = neutral
    assert pushed_down < 0
    assert untouched == 0
    assert of_three == pytest.approx(pushed_down)


def test_a_layer_that_is_not_unfrozen_yet_takes_no_part(tmp_path: Path) -> None:
    one = loop(tmp_path, SETTINGS.model_copy(update={"epochs": 1, "unfreeze": 0.4}))
    before = {name: weight.clone() for name, weight in weights(one).items()}
    one.classifier.train()
    for step in range(3):
        one._step([step, step + 1])
    moved = {name for name, weight in weights(one).items() if not torch.equal(weight, before[name])}
    assert moved == {"head.weight", "head.bias"}
    remembered = {id(weight) for weight in one.optimizer.state}
    assert remembered == {id(one.classifier.head.weight), id(one.classifier.head.bias)}


@pytest.mark.parametrize("noise", [{"weight_drop": 0.4}, {"adversarial": 2.0}])
def test_it_learns_in_spite_of_noise(tmp_path: Path, noise: dict[str, float]) -> None:
    one = loop(tmp_path, SETTINGS.model_copy(update={"epochs": 25, "patience": 25, **noise}))
    assert one.run().best_macro_f1 > 0.9


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Bit-for-bit comparisons, and no waiting for cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
