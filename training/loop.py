"""The training loop: steps, averaged weights, dev macro-F1 after each epoch, early stopping, checkpoints."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from models.classifier import SentimentClassifier
from training import checkpoint
from training.averaging import MovingAverage, blend, copy_of
from training.corpora import TWO_CLASS
from training.examples import Examples, epoch_batches, epoch_steps
from training.judging import macro_f1, predict_logits
from training.loss import without_neutral
from training.optimizer import forget_frozen, optimizer_of, recurrent_weights
from training.progress import Progress
from training.recipe import TrainingSection
from training.regularisation import drop_words, virtual_adversarial_loss, weight_drop

_LOG_STEPS = 100
_CHECKPOINT_SECONDS = 60.0


class TrainingError(RuntimeError):
    """A run that cannot go on. The message says at which step, on which batch, and what to change."""


class Loop:
    """Trains `classifier` on `train`, keeps the weights that were best on `dev`.

    Parameters: `shares` as in the recipe's [corpora]; `stages`, one after the other, each with an optimizer of its own
    and from the best weights of the one before; `folder` for `checkpoint.pt`; `fingerprint` of recipe and data,
    which a checkpoint must share to be gone on from. Uses mixed precision where the device is a GPU.
    """

    def __init__(
        self,
        classifier: SentimentClassifier,
        train: Examples,
        dev: Examples,
        shares: Mapping[str, float],
        stages: Sequence[TrainingSection],
        seed: int,
        device: torch.device,
        folder: Path,
        fingerprint: str,
    ) -> None:
        self.device = device
        self.classifier = classifier.to(device)
        self.train, self.dev, self.shares, self.stages, self.seed = train, dev, shares, stages, seed
        self.path = folder / "checkpoint.pt"
        self.fingerprint = fingerprint
        self.progress = Progress()
        self.seconds_before = 0.0
        """Of steps taken before a resumed run began."""
        # cuDNN's recurrences run in half precision under autocast, whose small gradients would vanish unscaled.
        self.scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
        self._begin_stage()

    def _begin_stage(self) -> None:
        settings = self.settings = self.stages[self.progress.stage]
        self.optimizer, self.scheduler = optimizer_of(
            self.classifier, settings, self._steps(settings) * settings.epochs
        )
        self.average = (
            AveragedModel(self.classifier, avg_fn=MovingAverage(settings.average)) if settings.average else None
        )
        self.best: dict[str, Tensor] = {}
        self.start = copy_of(self.classifier) if settings.keep else {}

    def _shares(self, settings: TrainingSection) -> dict[str, float]:
        return {**self.shares, **settings.corpora}

    def _steps(self, settings: TrainingSection) -> int:
        """Of one epoch."""
        return epoch_steps(self.train, self._shares(settings), settings.batch_texts)

    def run(self, resume: bool = False) -> Progress:
        """Trains each stage to its end or until `patience` epochs brought nothing, and loads its best weights into
        `classifier`: the last stage's are the model's.

        With `resume`, goes on from the checkpoint to the result that the uninterrupted run has. Raises TrainingError
        on a loss that is no number, CheckpointError where there is nothing to go on from.
        """
        if resume:
            self._restore()
        else:
            torch.manual_seed(self.seed)
        state = self.progress
        with tqdm(
            total=state.step + self._steps_to_come(),
            initial=state.step,
            desc="training",
            unit="batch",
            disable=None,
        ) as bar:
            while True:
                while state.epochs_done() < self.settings.epochs and not self._given_up():
                    self._epoch(bar)
                    self._judge()
                    state.epoch, state.step_in_epoch = state.epoch + 1, 0
                    self._save()
                if state.epochs_done() < self.settings.epochs:
                    stage = f"stage {state.stage + 1} " if len(self.stages) > 1 else ""
                    tqdm.write(
                        f"no better dev macro-F1 in {self.settings.patience} epochs: {stage}stopped after epoch "
                        f"{state.epoch}"
                    )
                self.classifier.load_state_dict(self.best)
                state.epochs_of_stages.append(state.epochs_done())
                if state.stage + 1 == len(self.stages):
                    return state
                state.stage += 1
                state.best_macro_f1, state.best_epoch = -1.0, state.epoch - 1  # what a stage is for may cost elsewhere
                self._begin_stage()
                bar.total = state.step + self._steps_to_come()

    def _steps_to_come(self) -> int:
        state = self.progress
        done = self._steps(self.settings) * state.epochs_done() + state.step_in_epoch
        return sum(self._steps(settings) * settings.epochs for settings in self.stages[state.stage :]) - done

    def _given_up(self) -> bool:
        return self.progress.epoch - 1 - self.progress.best_epoch >= self.settings.patience

    def _epoch(self, bar: "tqdm[Any]") -> None:
        state = self.progress
        batches = epoch_batches(
            self.train, self._shares(self.settings), self.settings.batch_texts, self.seed, state.epoch
        )
        self.classifier.train()
        started = saved = logged = time.monotonic()
        before = state.seconds
        losses: list[float] = []
        tokens = 0
        for indices in batches[state.step_in_epoch :]:
            loss, count = self._step(indices)
            losses.append(loss)
            tokens += count
            state.step += 1
            state.step_in_epoch += 1
            bar.update()
            now = time.monotonic()
            state.seconds = before + now - started
            if state.step % _LOG_STEPS == 0 or state.step_in_epoch == len(batches):
                rate = tokens / (now - logged)
                mean = sum(losses) / len(losses)
                bar.set_postfix_str(f"epoch {state.epoch + 1}, loss {mean:.3f}, {rate:,.0f} tokens/s")
                state.log("train", loss=mean, tokens_per_second=rate)
                losses, tokens, logged = [], 0, now
            if now - saved > _CHECKPOINT_SECONDS:
                self._save()
                saved = now

    def _step(self, indices: list[int]) -> tuple[float, int]:
        self.optimizer.zero_grad(set_to_none=True)
        thinned = recurrent_weights(self.classifier) if self.settings.weight_drop else []
        with weight_drop(thinned, self.settings.weight_drop):
            value, tokens = self._backward(indices)
        forget_frozen(self.optimizer)
        self.scaler.unscale_(self.optimizer)
        norm = float(nn.utils.clip_grad_norm_(self.classifier.parameters(), self.settings.clip_norm))
        if not math.isfinite(norm) and not self.scaler.is_enabled():  # the scaler skips such a step and scales less
            raise self._not_a_number("norm of the gradient", norm, indices)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.scheduler.step()
        if self.average is not None:
            self.average.update_parameters(self.classifier)
        return value, tokens

    def _backward(self, indices: list[int]) -> tuple[float, int]:
        """The batch's loss and its gradient; returns the loss in nats and the number of tokens."""
        batch, targets = self.train.batch(indices)
        batch = drop_words(batch, self.settings.word_dropout).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.classifier(batch.ids, batch.lengths).float()
            if self.settings.two_class_loss:
                two = torch.tensor([self.train.corpora[index] in TWO_CLASS for index in indices])
                logits = without_neutral(logits, two.to(self.device))
            loss = nn.functional.cross_entropy(logits, targets.to(self.device))
            if self.settings.adversarial:
                loss = loss + virtual_adversarial_loss(self.classifier, batch, self.settings.adversarial)
        value = loss.item()
        if not math.isfinite(value):
            raise self._not_a_number("loss", value, indices)
        self.scaler.scale(loss).backward()
        return value, int(batch.lengths.sum())

    def _not_a_number(self, what: str, value: float, indices: list[int]) -> TrainingError:
        named = ", ".join(self.train.sources[index] for index in indices[:3])
        return TrainingError(
            f"the {what} is {value} at step {self.progress.step + 1} (epoch {self.progress.epoch + 1}), in the batch "
            f"of {len(indices)} texts that starts with {named}. Lower learning_rate or clip_norm in the recipe"
        )

    def _judge(self) -> None:
        """Measures on dev what would be served, and keeps it where it is the best so far."""
        judged = self.classifier if self.average is None else self.average.module
        if self.start:
            judged = blend(judged, self.start, self.settings.keep)
        logits = predict_logits(judged, self.dev, self.device)
        figure = macro_f1(self.dev, logits)
        loss = float(nn.functional.cross_entropy(logits, torch.tensor(self.dev.labels)))
        state = self.progress
        state.log("dev", loss=loss, macro_f1=figure)
        tqdm.write(f"epoch {state.epoch + 1}: dev loss {loss:.4f}, macro-F1 {figure:.4f}, {state.seconds / 60:.1f} min")
        if figure > state.best_macro_f1:
            state.best_macro_f1, state.best_epoch = figure, state.epoch
            self.best = copy_of(judged)

    def _save(self) -> None:
        checkpoint.save(
            self.path,
            self.fingerprint,
            self.device,
            {
                "progress": self.progress.to_dict(),
                "classifier": self.classifier.state_dict(),
                "average": None if self.average is None else self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scheduler": self.scheduler.state_dict(),
                "best": self.best,
                "start": self.start,
                "scaler": self.scaler.state_dict(),
            },
        )

    def _restore(self) -> None:
        state = checkpoint.load(self.path, self.fingerprint, self.device)
        self.progress = Progress(**state["progress"])
        self.seconds_before = self.progress.seconds
        self._begin_stage()
        self.classifier.load_state_dict(state["classifier"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.best, self.start = state["best"], state["start"]
        self.scaler.load_state_dict(state["scaler"])
        checkpoint.restore_random(state, self.device)
