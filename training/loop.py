"""The training loop: steps, averaged weights, dev macro-F1 after each epoch, early stopping, checkpoints."""

import math
import time
from collections.abc import Mapping
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
    """Where a run stands: all of it goes into the checkpoint."""

    epoch: int = 0
    step_in_epoch: int = 0
    step: int = 0
    best_macro_f1: float = -1.0
    best_epoch: int = -1
    seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


class Loop:
    """Trains `classifier` on `train`, keeps the weights that were best on `dev`.

    Parameters: `shares` as in the recipe's [corpora]; `folder` for `checkpoint.pt`; `fingerprint` of recipe and data,
    which a checkpoint must share to be gone on from. Uses mixed precision where the device is a GPU.
    """

    def __init__(
        self,
        classifier: SentimentClassifier,
        train: Examples,
        dev: Examples,
        shares: Mapping[str, float],
        settings: TrainingSection,
        seed: int,
        device: torch.device,
        folder: Path,
        fingerprint: str,
    ) -> None:
        self.device = device
        self.classifier = classifier.to(device)
        self.train, self.dev, self.shares, self.settings, self.seed = train, dev, shares, settings, seed
        self.path = folder / "checkpoint.pt"
        self.fingerprint = fingerprint
        self.progress = Progress()
        decayed = [weight for weight in classifier.parameters() if weight.dim() > 1]
        plain = [weight for weight in classifier.parameters() if weight.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
            lr=settings.learning_rate,
            fused=True,
        )
        steps = len(epoch_batches(train, shares, settings.batch_texts, seed, 0))
        self.total_steps = steps * settings.epochs
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: warm_cosine(step, self.total_steps, settings.warmup)
        )
        self.average = (
            AveragedModel(self.classifier, avg_fn=MovingAverage(settings.average)) if settings.average else None
        )
        self.best: dict[str, Tensor] = {}
        # cuDNN's recurrences run in half precision under autocast, whose small gradients would vanish unscaled.
        self.scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")

    def run(self, resume: bool = False) -> Progress:
        """Trains to the end or until `patience` epochs brought nothing; loads the best weights into `classifier`.

        With `resume`, goes on from the checkpoint to the result that the uninterrupted run has. Raises TrainingError
        on a loss that is no number, CheckpointError where there is nothing to go on from.
        """
        if resume:
            self._restore()
        else:
            torch.manual_seed(self.seed)
        state = self.progress
        bar = tqdm(total=self.total_steps, initial=state.step, desc="training", unit="batch", disable=None)
        with bar:
            while state.epoch < self.settings.epochs and not self._given_up():
                self._epoch(bar)
                self._judge()
                state.epoch, state.step_in_epoch = state.epoch + 1, 0
                self._save()
        if state.epoch < self.settings.epochs:
            print(f"no better dev macro-F1 in {self.settings.patience} epochs: stopped after epoch {state.epoch}")
        self.classifier.load_state_dict(self.best)
        return state

    def _given_up(self) -> bool:
        return self.progress.epoch - 1 - self.progress.best_epoch >= self.settings.patience

    def _epoch(self, bar: "tqdm[Any]") -> None:
        state = self.progress
        batches = epoch_batches(self.train, self.shares, self.settings.batch_texts, self.seed, state.epoch)
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
        logits = predict_logits(judged, self.dev, self.device)
        figure = macro_f1(self.dev, logits)
        loss = float(nn.functional.cross_entropy(logits, torch.tensor(self.dev.labels)))
        self._log("dev", loss=loss, macro_f1=figure)
        state = self.progress
        tqdm.write(f"epoch {state.epoch + 1}: dev loss {loss:.4f}, macro-F1 {figure:.4f}, {state.seconds / 60:.1f} min")
        if figure > state.best_macro_f1:
            state.best_macro_f1, state.best_epoch = figure, state.epoch
            self.best = {name: weight.detach().cpu().clone() for name, weight in judged.state_dict().items()}

    def _log(self, split: str, **figures: float) -> None:
        state = self.progress
        state.history.append({"epoch": state.epoch + 1, "step": state.step, "split": split} | figures)

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
        self.classifier.load_state_dict(state["classifier"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.best = state["best"]
        self.scaler.load_state_dict(state["scaler"])
        torch.set_rng_state(state["rng"])
        if state["cuda_rng"] is not None and self.device.type == "cuda":
            torch.cuda.set_rng_state(state["cuda_rng"], self.device)
