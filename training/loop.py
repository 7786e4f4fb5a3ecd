"""The training loop: steps, averaged weights, dev macro-F1 after each epoch, early stopping, checkpoints."""

import copy
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from models.classifier import SentimentClassifier
from training import checkpoint
from training.averaging import MovingAverage
from training.examples import Examples, drop_words, epoch_batches
from training.judging import macro_f1, predict_logits
from training.recipe import TrainingSection
from training.schedule import warm_cosine

_LOG_STEPS = 100
_CHECKPOINT_SECONDS = 60.0


class TrainingError(RuntimeError):
    """A run that cannot go on. The message says at which step, on which batch, and what to change."""


@dataclass(slots=True)
class Progress:
    """Where a run stands: all of it goes into the checkpoint. Epochs and steps are counted through all stages."""

    stage: int = 0
    epoch: int = 0
    step_in_epoch: int = 0
    step: int = 0
    epochs_of_stages: list[int] = field(default_factory=list)
    """Of those that have ended."""
    best_macro_f1: float = -1.0
    best_epoch: int = -1
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


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
        # cuDNN's recurrences run in half precision under autocast, whose small gradients would vanish unscaled.
        self.scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
        self._begin_stage()

    def _begin_stage(self) -> None:
        settings = self.settings = self.stages[self.progress.stage]
        decayed = [weight for weight in self.classifier.parameters() if weight.dim() > 1]
        plain = [weight for weight in self.classifier.parameters() if weight.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=settings.learning_rate,
            fused=True,
        )
        steps = self._steps(settings)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: warm_cosine(step, steps, settings.warmup)
        )
        self.average = (
            AveragedModel(self.classifier, avg_fn=MovingAverage(settings.average)) if settings.average else None
        )
        self.best: dict[str, Tensor] = {}
        self.start = _copy_of(self.classifier) if settings.keep else {}

    def _batches(self, settings: TrainingSection, epoch: int) -> list[list[int]]:
        shares = {**self.shares, **settings.corpora}
        return epoch_batches(self.train, shares, settings.batch_texts, self.seed, epoch)

    def _steps(self, settings: TrainingSection) -> int:
        return len(self._batches(settings, 0)) * settings.epochs

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
                while self._epochs_done() < self.settings.epochs and not self._given_up():
                    self._epoch(bar)
                    self._judge()
                    state.epoch, state.step_in_epoch = state.epoch + 1, 0
                    self._save()
                if self._epochs_done() < self.settings.epochs:
                    stage = f"stage {state.stage + 1} " if len(self.stages) > 1 else ""
                    tqdm.write(
                        f"no better dev macro-F1 in {self.settings.patience} epochs: {stage}stopped after epoch "
                        f"{state.epoch}"
                    )
                self.classifier.load_state_dict(self.best)
                state.epochs_of_stages.append(self._epochs_done())
                if state.stage + 1 == len(self.stages):
                    return state
                state.stage += 1
                state.best_macro_f1, state.best_epoch = -1.0, state.epoch - 1  # what a stage is for may cost elsewhere
                self._begin_stage()
                bar.total = state.step + self._steps_to_come()

    def _epochs_done(self) -> int:
        """Of this stage."""
        return self.progress.epoch - sum(self.progress.epochs_of_stages)

    def _steps_to_come(self) -> int:
        done = self._steps(self.settings) // self.settings.epochs * self._epochs_done() + self.progress.step_in_epoch
        return sum(self._steps(settings) for settings in self.stages[self.progress.stage :]) - done

    def _given_up(self) -> bool:
        return self.progress.epoch - 1 - self.progress.best_epoch >= self.settings.patience

    def _epoch(self, bar: "tqdm[Any]") -> None:
        state = self.progress
        batches = self._batches(self.settings, state.epoch)
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
                self._log("train", loss=mean, tokens_per_second=rate)
                losses, tokens, logged = [], 0, now
            if now - saved > _CHECKPOINT_SECONDS:
                self._save()
                saved = now

    def _step(self, indices: list[int]) -> tuple[float, int]:
        batch, labels = self.train.batch(indices)
        batch = drop_words(batch, self.settings.word_dropout).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.classifier(batch.ids, batch.lengths)
        loss = nn.functional.cross_entropy(logits.float(), labels.to(self.device))
        value = loss.item()
        if not math.isfinite(value):
            raise self._not_a_number("loss", value, indices)
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        norm = float(nn.utils.clip_grad_norm_(self.classifier.parameters(), self.settings.clip_norm))
        if not math.isfinite(norm) and not self.scaler.is_enabled():  # the scaler skips such a step and scales less
            raise self._not_a_number("norm of the gradient", norm, indices)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.scheduler.step()
        if self.average is not None:
            self.average.update_parameters(self.classifier)
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
            judged = self._blend(judged)
        logits = predict_logits(judged, self.dev, self.device)
        figure = macro_f1(self.dev, logits)
        loss = float(nn.functional.cross_entropy(logits, torch.tensor(self.dev.labels)))
        self._log("dev", loss=loss, macro_f1=figure)
        state = self.progress
        tqdm.write(f"epoch {state.epoch + 1}: dev loss {loss:.4f}, macro-F1 {figure:.4f}, {state.seconds / 60:.1f} min")
        if figure > state.best_macro_f1:
            state.best_macro_f1, state.best_epoch = figure, state.epoch
            self.best = _copy_of(judged)

    def _blend(self, trained: nn.Module) -> nn.Module:
        """Between the stage's start and `trained`: keeps what a stage would unlearn (WiSE-FT, Wortsman et al. 2022)."""
        blended = copy.deepcopy(trained)
        with torch.no_grad():
            for name, weight in blended.named_parameters():
                weight.lerp_(self.start[name].to(self.device), self.settings.keep)
        return blended

    def _log(self, split: str, **figures: float) -> None:
        state = self.progress
        state.history.append(
            {"stage": state.stage + 1, "epoch": state.epoch + 1, "step": state.step, "split": split} | figures
        )

    def _save(self) -> None:
        progress = {name: getattr(self.progress, name) for name in Progress.__slots__}
        checkpoint.save(
            self.path,
            {
                "fingerprint": self.fingerprint,
                "progress": progress,
                "classifier": self.classifier.state_dict(),
                "average": None if self.average is None else self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scheduler": self.scheduler.state_dict(),
                "best": self.best,
                "start": self.start,
                "scaler": self.scaler.state_dict(),
                "rng": torch.get_rng_state(),
                "cuda_rng": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
            },
        )

    def _restore(self) -> None:
        state = checkpoint.load(self.path)
        if state["fingerprint"] != self.fingerprint:
            raise checkpoint.CheckpointError(
                f"{self.path} belongs to another recipe, seed or data; start without --resume, or give them as "
                "they were"
            )
        self.progress = Progress(**state["progress"])
        self._begin_stage()
        self.classifier.load_state_dict(state["classifier"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.best, self.start = state["best"], state["start"]
        self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["rng"])
        if state["cuda_rng"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["cuda_rng"], self.device)


def _copy_of(module: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().cpu().clone() for name, weight in module.state_dict().items()}
