"""Pre-training: the classifier's embedding and encoder as a language model on all training text, labelled or not.

The largest gain of all on few labels (Dai & Le 2015; Howard & Ruder 2018). A recipe with a [pretraining] section does
it before anything else, and `--resume` goes on after a kill to the same result.
"""

import math
import random
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from models.batching import collate
from models.classifier import Architecture, SentimentClassifier
from models.language_model import LanguageModel
from training import checkpoint
from training.loop import TrainingError
from training.recipe import PretrainingSection
from training.schedule import warm_cosine

_CHECKPOINT_SECONDS = 60.0
_POOL = 8_192  # texts sorted by length together, so that batches differ between epochs
_JUDGED_TOKENS = 60_000  # of held-out text: the whole vocabulary costs much


class Pretraining:
    """Trains `classifier`'s embedding and encoder, in place.

    Parameters: `texts`, token ids of training texts; `held_out`, of texts that perplexity is told on; `folder` for
    `pretraining.pt`; `fingerprint` of recipe and data, which a checkpoint must share to be gone on from.
    """

    def __init__(
        self,
        classifier: SentimentClassifier,
        architecture: Architecture,
        texts: Sequence[list[int]],
        held_out: Sequence[list[int]],
        settings: PretrainingSection,
        seed: int,
        device: torch.device,
        folder: Path,
        fingerprint: str,
    ) -> None:
        self.settings, self.seed, self.device = settings, seed, device
        self.path, self.fingerprint = folder / "pretraining.pt", fingerprint
        self.texts = [one for one in texts if len(one) > 1]
        self.held_out = _some([one for one in held_out if len(one) > 1], _JUDGED_TOKENS)
        self.model = LanguageModel(
            classifier.embedding,
            classifier.encoder,
            architecture.hidden_size,
            architecture.directions,
            settings.dropout,
        ).to(device)
        counts = torch.ones(architecture.vocabulary_size)
        for one in self.texts:
            counts.index_add_(0, torch.tensor(one), torch.ones(len(one)))
        with torch.no_grad():
            self.model.bias.copy_((counts / counts.sum()).log())
        noise = counts**0.75  # as word2vec draws its negatives (Mikolov et al. 2013)
        self.noise = (noise / noise.sum()).to(device)
        self.log_expected = (self.noise * settings.sample).log()
        self.batches = [batch for epoch in range(settings.epochs) for batch in self._epoch(epoch)]
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=settings.learning_rate, weight_decay=0.0, fused=True
        )
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: warm_cosine(step, len(self.batches), settings.warmup)
        )
        self.step = 0
        self.seconds = self.seconds_before = 0.0
        """Of steps taken, and those of them taken before a resumed run began."""

    def run(self, resume: bool = False) -> list[float]:
        """Trains to the end; returns the perplexity on held-out text, one of each direction."""
        if resume:
            self._restore()
        else:
            torch.manual_seed(self.seed)
        self.model.train()
        saved = logged = began = time.monotonic()
        tokens, losses = 0, []
        with tqdm(total=len(self.batches), initial=self.step, desc="pre-training", unit="batch", disable=None) as bar:
            while self.step < len(self.batches):
                loss, count = self._step(self.batches[self.step])
                losses.append(loss)
                tokens += count
                self.step += 1
                bar.update()
                now = time.monotonic()
                self.seconds = self.seconds_before + now - began
                if self.step % 100 == 0:
                    bar.set_postfix_str(
                        f"loss {sum(losses) / len(losses):.3f}, {tokens / (now - logged):,.0f} tokens/s"
                    )
                    tokens, losses, logged = 0, [], now
                if now - saved > _CHECKPOINT_SECONDS:
                    self._save()
                    saved = now
        self._save()
        return self.perplexities()

    def perplexities(self) -> list[float]:
        """exp of the mean negative log-likelihood of a held-out token, in each direction; empty without such text."""
        if not self.held_out:
            return []
        self.model.eval()
        totals = [0.0] * len(self.model.projections)
        count = 0
        with torch.inference_mode():
            for start in range(0, len(self.held_out), 32):
                batch = collate(self.held_out[start : start + 32]).to(self.device)
                for direction, (states, targets) in enumerate(self.model(batch.ids, batch.lengths)):
                    for part in range(0, len(targets), 1024):
                        window = slice(part, part + 1024)
                        totals[direction] += float(self.model.losses(states[window], targets[window]).sum())
                count += int((batch.lengths - 1).sum())
        self.model.train()
        return [math.exp(total / count) for total in totals]

    def _step(self, indices: list[int]) -> tuple[float, int]:
        batch = collate([self.texts[index] for index in indices]).to(self.device)
        sample = torch.multinomial(self.noise, self.settings.sample, replacement=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            found = self.model(batch.ids, batch.lengths)
            loss = torch.stack(
                [self.model.sampled_loss(states, targets, sample, self.log_expected) for states, targets in found]
            ).mean()
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(
                f"the language model's loss is {value} at step {self.step + 1}; lower learning_rate in [pretraining]"
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # bfloat16 has single precision's range: nothing to scale
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        self.optimizer.step()
        self.scheduler.step()
        return value, int(batch.lengths.sum())

    def _epoch(self, epoch: int) -> list[list[int]]:
        """Batches of indices of about `batch_tokens` tokens each, of texts of like length, in random order."""
        rng = random.Random(f"pretraining {self.seed}:{epoch}")
        order = list(range(len(self.texts)))
        rng.shuffle(order)
        batches: list[list[int]] = []
        for start in range(0, len(order), _POOL):
            batch: list[int] = []
            for index in sorted(order[start : start + _POOL], key=lambda one: len(self.texts[one])):
                batch.append(index)
                if len(batch) * len(self.texts[index]) >= self.settings.batch_tokens:
                    batches.append(batch)
                    batch = []
            if batch:
                batches.append(batch)
        rng.shuffle(batches)
        return batches

    def _save(self) -> None:
        checkpoint.save(
            self.path,
            self.fingerprint,
            self.device,
            {
                "step": self.step,
                "seconds": self.seconds,
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scheduler": self.scheduler.state_dict(),
            },
        )

    def _restore(self) -> None:
        state = checkpoint.load(self.path, self.fingerprint, self.device)
        self.step = state["step"]
        self.seconds = self.seconds_before = state["seconds"]
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        checkpoint.restore_random(state, self.device)


def _some(texts: list[list[int]], tokens: int) -> list[list[int]]:
    """Texts drawn by chance, always the same ones, up to about so many tokens."""
    found: list[list[int]] = []
    count = 0
    for one in random.Random(0).sample(texts, len(texts)):
        if count >= tokens:
            break
        found.append(one)
        count += len(one)
    return found
