"""The pipeline as a whole: fine-tuning on a user's file, resuming, and a user's slips."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from models import artifact
from models.predictor import Predictor
from training import loop, pretrain, train
from training.corpora import Corpora
from training.evaluate import main as evaluate_main
from training.fit import fit
from training.gather import gather
from training.loop import TrainingError
from training.readers.table import read_table
from training.recipe import DistillationSection, PretrainingSection, Recipe, TrainingSection
from training.review import Review
from training.splits import content_hash
from training.teacher import Teacher

FINETUNE = Recipe(training=(TrainingSection(epochs=8, batch_texts=8, learning_rate=2e-2, average=0.99, patience=8),))


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    """Sixty reviews in English, two classes, about a word that no one else has: zorp is good, blick is bad."""
    rows = [
        {"text": f"The {thing} is {word}, number {number}.", "label": label}
        for number, (thing, (word, label)) in enumerate(
            (thing, verdict)
            for thing in ("lamp", "sofa", "taxi", "soup", "film", "room")
            for verdict in (("zorp", "positive"), ("blick", "negative"))
            for _ in range(10)
        )
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_fine_tuning_learns_the_users_words_and_keeps_what_the_model_knew(
    user_file: Path, tiny_artifact: Path, tmp_path: Path
) -> None:
    before = Predictor.load(tiny_artifact, "cpu")
    corpora = gather(FINETUNE, user=read_table(user_file, "text", "label"))
    path = fit(FINETUNE, corpora, tmp_path / "mine", "cpu", start_from=tiny_artifact.parent)
    after = Predictor.load(path, "cpu")
    assert after.manifest["languages"] == ["en", "zh"]
    assert after.manifest["temperatures"] == before.manifest["temperatures"]  # six rows calibrate nothing
    assert after.manifest["training"]["from"] == before.version != after.version
    assert after.tokenizer.to_json() == before.tokenizer.to_json()
    good, bad = after.predict(["It is zorp.", "It is blick."])
    assert good.probabilities["positive"] - bad.probabilities["positive"] > 0.2


def test_the_weights_of_a_start_are_those_of_its_artifact(tiny_artifact: Path) -> None:
    loaded = artifact.load(tiny_artifact, "cpu")
    assert {name for name, _ in loaded.module.named_parameters()} == set(Predictor.load(tiny_artifact, "cpu").weights())


def test_resume_with_nothing_begun_starts_from_the_beginning(
    tiny_recipe: Recipe, tiny_corpora: Corpora, tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fit(tiny_recipe, tiny_corpora, tmp_path / "tiny", "cpu", resume=True)
    assert "starting from the beginning" in capsys.readouterr().out
    assert Predictor.load(path, "cpu").version == Predictor.load(tiny_artifact, "cpu").version


def test_weights_of_no_model_are_not_kept(tiny_recipe: Recipe, tiny_corpora: Corpora, tmp_path: Path) -> None:
    recipe = tiny_recipe.model_copy(update={"training": tuple(reversed(tiny_recipe.training))})
    with pytest.raises(TrainingError, match=r"keep is 0.2 in the first stage .* random weights"):
        fit(recipe, tiny_corpora, tmp_path / "tiny", "cpu")


@pytest.mark.parametrize("phase", ["pretrain", "loop"])
def test_a_run_killed_in_either_phase_and_resumed_gives_the_same_model(
    tiny_recipe: Recipe, tiny_corpora: Corpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    recipe = tiny_recipe.model_copy(update={"pretraining": PretrainingSection(batch_tokens=256, sample=64)})
    whole = Predictor.load(fit(recipe, tiny_corpora, tmp_path / "whole", "cpu"), "cpu")
    assert whole.manifest["training"]["perplexities"]

    monkeypatch.setattr(f"training.{phase}._CHECKPOINT_SECONDS", -1.0)  # a checkpoint after every step
    owner: Any = pretrain.Pretraining if phase == "pretrain" else loop.Loop
    take_step, taken = owner._step, iter(range(3))

    def step_until_killed(self: Any, indices: list[int]) -> tuple[float, int]:
        if next(taken, None) is None:
            raise KeyboardInterrupt
        return take_step(self, indices)

    with monkeypatch.context() as patched:
        patched.setattr(owner, "_step", step_until_killed)
        with pytest.raises(KeyboardInterrupt):
            fit(recipe, tiny_corpora, tmp_path / "killed", "cpu")
    resumed = Predictor.load(fit(recipe, tiny_corpora, tmp_path / "killed", "cpu", resume=True), "cpu")
    for name, weight in whole.weights().items():
        assert torch.equal(weight, resumed.weights()[name]), name
    assert resumed.manifest["training"]["perplexities"] == whole.manifest["training"]["perplexities"]


def test_another_recipe_of_stages_goes_on_from_the_same_language_model(
    tiny_recipe: Recipe, tiny_corpora: Corpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    recipe = tiny_recipe.model_copy(update={"pretraining": PretrainingSection(batch_tokens=256, sample=64)})
    other = recipe.model_copy(update={"training": (TrainingSection(epochs=1, learning_rate=5e-3),)})
    whole = Predictor.load(fit(other, tiny_corpora, tmp_path / "whole", "cpu"), "cpu")
    fit(recipe, tiny_corpora, tmp_path / "changed", "cpu")
    monkeypatch.setattr(pretrain.Pretraining, "_step", None)  # it must not be done again
    again = Predictor.load(fit(other, tiny_corpora, tmp_path / "changed", "cpu", resume=True), "cpu")
    assert "starts from the language model" in capsys.readouterr().out
    for name, weight in whole.weights().items():
        assert torch.equal(weight, again.weights()[name]), name


def test_a_slip_in_the_recipe_leaves_an_earlier_runs_checkpoint_alone(
    tiny_recipe: Recipe, tiny_corpora: Corpora, tmp_path: Path
) -> None:
    names = ("checkpoint.pt", "checkpoint-tokenizer.json")
    for name in names:
        (tmp_path / name).write_text("of an earlier run")
    slips = {
        "there is no teacher at .*none.npz": {"distillation": DistillationSection(teacher=tmp_path / "none.npz")},
        "knows none of the 0 reviews": {"distillation": DistillationSection()},
        "keep is 0.2 in the first stage": {"training": tuple(reversed(tiny_recipe.training))},
        "names sentences, of which no training review was read": {"corpora": {**tiny_recipe.corpora, "sentences": 1.0}},
        "imdb_unlabelled, which only a teacher can label": {"corpora": {**tiny_recipe.corpora, "imdb_unlabelled": 1.0}},
    }
    for reason, slip in slips.items():
        with pytest.raises(TrainingError, match=reason):
            fit(tiny_recipe.model_copy(update=slip), tiny_corpora, tmp_path, "cpu")
    assert {(tmp_path / name).read_text() for name in names} == {"of an earlier run"}


def test_reviews_are_learned_as_the_teacher_has_them_and_measured_by_their_labels(
    tiny_recipe: Recipe, tiny_corpora: Corpora, tmp_path: Path
) -> None:
    reviews = [
        Review(f"It is a zorp of number {n}.", 0, "en", "imdb", split, f"f:{n}", f"film {n}")
        for split, numbers in (("train", range(300)), ("dev", range(300, 310)))
        for n in numbers
    ]
    corpora = replace(tiny_corpora, reviews=[*tiny_corpora.reviews, *reviews])
    Teacher({content_hash(one.text): 9.0 for one in reviews}, {"members": []}).write(tmp_path / "teacher.npz")
    recipe = tiny_recipe.model_copy(update={"corpora": {**tiny_recipe.corpora, "imdb": 2.0}})
    taught = recipe.model_copy(update={"distillation": DistillationSection(teacher=tmp_path / "teacher.npz", hard=0.0)})
    by_label = Predictor.load(fit(recipe, corpora, tmp_path / "labels", "cpu"), "cpu")
    by_teacher = Predictor.load(fit(taught, corpora, tmp_path / "taught", "cpu"), "cpu")
    text = ["It is a zorp of number 7777."]
    assert by_label.predict(text)[0].label == "negative"
    assert by_teacher.predict(text)[0].label == "positive"
    assert by_teacher.manifest["training"]["best_dev_macro_f1"] < by_label.manifest["training"]["best_dev_macro_f1"]
    assert "teacher.npz" in {file["path"] for file in by_teacher.manifest["data"]["files"]}


def test_resume_of_a_finished_run_gives_the_same_model(
    tiny_recipe: Recipe, tiny_corpora: Corpora, tiny_artifact: Path
) -> None:
    version = Predictor.load(tiny_artifact, "cpu").version
    fit(tiny_recipe, tiny_corpora, tiny_artifact.parent, "cpu", resume=True)
    assert Predictor.load(tiny_artifact, "cpu").version == version


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--recipe", "nonsuch"], "there is no recipe 'nonsuch'"),
        (["--recipe", "finetune", "--data", "/nowhere.csv"], "nowhere.csv"),
        (["--recipe", "finetune", "--data", "DATA", "--from", "/nowhere"], "no model could be read at /nowhere"),
        (["--recipe", "finetune", "--data", "DATA", "--text-column", "body"], "body"),
        (["--recipe", "starter", "--device", "cuda:9"], "cuda:9"),
        (["--recipe", "finetune"], "0 training and 0 dev reviews were read"),
        (["--recipe", "default", "--data-dir", "EMPTY"], "make train RECIPE=starter"),
    ],
)
def test_a_slip_is_one_line_on_standard_error(
    arguments: list[str],
    reason: str,
    user_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(train, "ARTIFACTS", tmp_path)
    monkeypatch.setattr("training.download._RETRIES", 0, raising=False)
    given = [{"DATA": str(user_file), "EMPTY": str(tmp_path)}.get(one, one) for one in arguments]
    assert train.main(given) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ") or "make train RECIPE=starter" in error
    assert reason in error


def test_the_whole_command_and_evaluation_after_it(
    user_file: Path,
    tiny_artifact: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(train, "ARTIFACTS", tmp_path)
    arguments = [
        "--recipe",
        "finetune",
        "--from",
        str(tiny_artifact.parent),
        "--data",
        str(user_file),
        "--name",
        "mine",
    ]
    assert train.main(arguments) == 0
    report = (tmp_path / "mine" / "report.md").read_text(encoding="utf-8")
    assert "user" in report
    manifest = Predictor.load(tmp_path / "mine" / "sentiment.pt", "cpu").manifest
    assert manifest["command"].startswith("python -m training.train --recipe finetune")
    assert manifest["figures"]["corpora"]["user"]["rows"] > 0
    model = ["--model", str(tmp_path / "mine" / "sentiment.pt"), "--data-dir", str(tmp_path), "--no-baseline"]
    assert evaluate_main([*model, "--data", str(user_file)]) == 0
    assert "user" in (tmp_path / "mine" / "report.md").read_text(encoding="utf-8")
    assert evaluate_main(model) == 0
    assert "--data FILE measures it on that too" in capsys.readouterr().out
