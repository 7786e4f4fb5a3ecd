"""What each part of the default recipe buys on dev: the whole, then the whole less one part, or with one more.

make bench-ablation                       # all variants, two seeds (about an hour on 2 cores)
python -m bench.ablation --variants whole,"no teacher" --seeds 1

Each run is the first stage of the default recipe in small: the same network, vocabulary and language model, a share of
the reviews, one epoch, for every variant the same number of steps. So it sees no review twice, and what helps
against learning by heart is worth more in a full run than here. What is pre-trained comes from a folder in which `make
train` ran (--start). The probes are not asked: what is chosen here must not be chosen on them.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from models.classifier import Architecture, SentimentClassifier
from models.labels import NEUTRAL
from models.text import Tokenizer
from training import embeddings
from training.corpora import Corpora
from training.examples import Examples, distilled, encode, epoch_steps, one_hot, texts_of, token_ids
from training.gather import gather
from training.judging import predict_logits
from training.loop import Loop
from training.metrics import accuracy_and_f1
from training.readers.reading import sha256_of
from training.recipe import Recipe, TrainingSection, read_recipe
from training.splits import DEV, TRAIN
from training.tables import percent, share, table
from training.teacher import Teacher

SHARE = 0.06
"""Of what the default recipe shows in an epoch of its first stage."""
STAGE = TrainingSection(epochs=1, learning_rate=3e-3, average=0.995, two_class_loss=True)
WITHOUT_WRITTEN = {"context": 0.0, "exchanged": 0.0, "starter": 0.0}

# name -> what is another than in `whole`: corpora gone without, settings of the stage, start, no teacher
VARIANTS: dict[str, dict[str, Any]] = {
    "whole": {},
    "no language model: skip-gram": {"start": "skip-gram"},
    "neither language model nor skip-gram": {"start": "scratch"},
    "no teacher": {"teacher": None, "shares": {"imdb_unlabelled": 0.0}},
    "teacher on labelled reviews alone": {"shares": {"imdb_unlabelled": 0.0}},
    "no labelled sentences": {"shares": {"sentences": 0.0}},
    "no written context": {"shares": WITHOUT_WRITTEN},
    "two-class corpora over three classes": {"stage": {"two_class_loss": False}},
    "unfreezing and layer rates": {"stage": {"unfreeze": 0.1, "layer_rate": 0.4}},
    "weight drop": {"stage": {"weight_drop": 0.2}},
    "no averaging": {"stage": {"average": 0.0}},
    "word dropout": {"stage": {"word_dropout": 0.1}},
    "no treebank phrases": {"shares": {"sst_phrases": 0.0}},
    "no counterfactual pairs": {"shares": {"counterfactual": 0.0}},
    "virtual adversary": {"stage": {"adversarial": 5.0}},
}


class Ablation:
    """Everything that the variants share: corpora, vocabulary, token ids, the pre-trained start."""

    def __init__(self, start: Path, corpora: Corpora, recipe: Recipe) -> None:
        self.recipe = recipe
        self.corpora = corpora
        self.tokenizer = Tokenizer.from_json((start / "checkpoint-tokenizer.json").read_text(encoding="utf-8"))
        state = torch.load(start / "pretraining.pt", map_location="cpu", weights_only=True)["model"]
        self.pretrained = {
            name: weight for name, weight in state.items() if name.split(".")[0] in ("embedding", "encoder")
        }
        self.start = sha256_of(start / "pretraining.pt")
        self.teacher = Teacher.read()
        self.dev = self._encode(DEV, None)
        self._train: dict[float | None, Examples] = {}
        self._skip_gram: torch.Tensor | None = None

    def settings(self, variant: dict[str, Any]) -> str:
        """A hash of all that decides a run but the seed: figures of other settings are not averaged with these."""
        of = [SHARE, STAGE.model_dump(mode="json"), variant, self.recipe.model_dump(mode="json"), self.start]
        return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:16]

    def run(self, variant: dict[str, Any], seed: int, folder: Path) -> dict[str, float]:
        """Trains one variant for as many steps as the whole and measures it on dev."""
        torch.manual_seed(seed)
        classifier = self._classifier(variant.get("start", "language model"))
        stage = STAGE.model_copy(update=variant.get("stage", {}))
        hard = self.recipe.distillation.hard if self.recipe.distillation else None
        train = self._examples(variant.get("teacher", hard))
        whole = {corpus: SHARE * share for corpus, share in self.recipe.corpora.items()}
        shares = whole | variant.get("shares", {})  # none of these corpora
        # What a variant goes without, the others make up for: fewer steps would be another difference.
        steps = [epoch_steps(self._examples(hard), one, stage.batch_texts) for one in (whole, shares)]
        shares = {corpus: share * steps[0] / steps[1] for corpus, share in shares.items()}
        loop = Loop(classifier, train, self.dev, shares, (stage,), seed, torch.device("cpu"), folder, "ablation")
        loop.run()
        return figures(self.dev, predict_logits(classifier, self.dev, torch.device("cpu")))

    def _classifier(self, start: str) -> SentimentClassifier:
        network = self.recipe.network.model_dump()
        classifier = SentimentClassifier(Architecture(vocabulary_size=self.tokenizer.size, **network))
        if start == "language model":
            missing, unexpected = classifier.load_state_dict(self.pretrained, strict=False)
            if unexpected or any(not name.startswith("head.") for name in missing):
                raise SystemExit("pretraining.pt is of another network than the default recipe's")
        elif start == "skip-gram":
            with torch.no_grad():
                classifier.embedding.weight.copy_(self._vectors())
        return classifier

    def _vectors(self) -> torch.Tensor:
        if self._skip_gram is None:
            ids = token_ids(list(texts_of(self.corpora.reviews, TRAIN)), self.tokenizer, 1_000_000)
            size, settings = self.recipe.network.embedding_size, self.recipe.embeddings
            self._skip_gram = embeddings.train_in_domain(
                ids, self.tokenizer.size, size, settings.epochs, self.recipe.seed
            )
        return self._skip_gram

    def _examples(self, hard: float | None) -> Examples:
        if hard not in self._train:
            self._train[hard] = self._encode(TRAIN, hard)
        return self._train[hard]

    def _encode(self, split: str, hard: float | None) -> Examples:
        reviews = [review for review in self.corpora.select(split) if review.corpus != "probes"]
        target = one_hot if hard is None else (lambda review: distilled(review, self.teacher, hard))
        return encode(reviews, self.tokenizer, self.recipe.text.max_tokens, target)


def figures(dev: Examples, logits: torch.Tensor) -> dict[str, float]:
    """Accuracy of each corpus, as `make evaluate` has it, and the share of two-class reviews answered neutral."""
    found: dict[str, float] = {}
    labels = torch.tensor(dev.labels)
    neutral = asked = 0
    for corpus in sorted(set(dev.corpora)):
        rows = torch.tensor([one == corpus for one in dev.corpora])
        scores, true = logits[rows].clone(), labels[rows]
        if not bool((true == NEUTRAL).any()):
            neutral += int((scores.argmax(1) == NEUTRAL).sum())
            asked += len(true)
            scores[:, NEUTRAL] = -torch.inf
        measured = accuracy_and_f1(true.numpy(), scores.argmax(1).numpy())
        found[corpus] = measured["macro_f1" if corpus == "sst" else "accuracy"]
        if corpus == "sst":
            clear = true != NEUTRAL
            scores[:, NEUTRAL] = -torch.inf
            found["sst2"] = float((scores.argmax(1) == true)[clear].double().mean())
    found["neutral"] = neutral / max(1, asked)
    return found


COLUMNS = (
    "imdb",
    "sst2",
    "sst",
    "counterfactual",
    "amazon",
    "online_shopping",
    "hotel",
    "waimai",
    "context",
    "sentences",
)


def report(runs: Sequence[dict[str, Any]]) -> str:
    """A line for each variant, the mean over seeds and, behind ±, half the spread between the extremes; as Markdown."""
    rows = []
    for name in dict.fromkeys(run["variant"] for run in runs):
        mine = [run["figures"] for run in runs if run["variant"] == name]
        row: list[object] = [name, len(mine)]
        for column in (*COLUMNS, "neutral"):
            values = [one[column] for one in mine if column in one]
            shown = percent if column == "neutral" else share
            mean = sum(values) / len(values) if values else None
            spread = f" ±{(max(values) - min(values)) / 2:.3f}" if len(values) > 1 and column != "neutral" else ""
            row.append("–" if mean is None else shown(mean) + spread)
        rows.append(row)
    return table(["variant (dev)", "seeds", *COLUMNS, "neutral"], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs what was asked, prints the table after each run, and keeps the figures in a file, which is gone on from."""
    parser = argparse.ArgumentParser(prog="python -m bench.ablation", description="What each part of the recipe buys.")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="names, separated by commas (default: all)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2], help="(default: 1 2)")
    parser.add_argument("--start", type=Path, default=Path("artifacts/default"), help="folder with pretraining.pt")
    parser.add_argument("--out", type=Path, default=Path("artifacts/ablation.jsonl"), help="figures, a line a run")
    options = parser.parse_args(arguments)
    names = options.variants.split(",")
    unknown = [name for name in names if name not in VARIANTS]
    if unknown:
        parser.error(f"unknown variant {unknown[0]!r}; expected some of {', '.join(VARIANTS)}")
    for name in ("pretraining.pt", "checkpoint-tokenizer.json"):
        if not (options.start / name).exists():
            parser.error(f"{options.start} holds no {name}: `make train NAME=again`, then --start artifacts/again")
    recipe = read_recipe("default")
    ablation = Ablation(options.start, gather(recipe), recipe)
    of_these = {ablation.settings(variant) for variant in VARIANTS.values()}
    lines = options.out.read_text(encoding="utf-8").splitlines() if options.out.exists() else []
    runs = [run for run in map(json.loads, lines) if run["settings"] in of_these]
    for seed in options.seeds:
        for name in names:
            if any((run["settings"], run["seed"]) == (ablation.settings(VARIANTS[name]), seed) for run in runs):
                continue
            began = time.monotonic()
            with TemporaryDirectory() as folder:
                found = ablation.run(VARIANTS[name], seed, Path(folder))
            runs.append(
                {
                    "variant": name,
                    "settings": ablation.settings(VARIANTS[name]),
                    "seed": seed,
                    "seconds": round(time.monotonic() - began),
                    "figures": found,
                }
            )
            with options.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(runs[-1]) + "\n")
            print(report(runs), flush=True)


if __name__ == "__main__":
    main()
