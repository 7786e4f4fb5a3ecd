"""Elman, Jordan, LSTM and GRU on one small corpus with one recipe: trained, exported, reloaded, measured.

make bench-recurrences      prints the table of docs/architecture.md (a few minutes on 2 cores)
"""

import tempfile
from pathlib import Path

import torch

from models import artifact
from models.classifier import Architecture, SentimentClassifier
from models.predictor import Predictor
from models.recurrence import RECURRENCES
from training.corpora import Corpora, load_corpora
from training.evaluation import evaluate
from training.examples import encode
from training.fit import fit
from training.recipe import NetworkSection, Recipe, TextSection, TrainingSection
from training.tables import table

CORPORA = {"sst": 1.0, "waimai": 1.0}


def recipe(encoder: str) -> Recipe:
    """Small enough for Jordan's network, which steps through Python."""
    return Recipe(
        corpora=CORPORA,
        text=TextSection(vocabulary_size=12_000, max_tokens=64),
        network=NetworkSection(
            embedding_size=64, encoder=encoder, hidden_size=64, embedding_dropout=0.3, head_dropout=0.3
        ),
        training=(TrainingSection(epochs=4, average=0.99),),
    )


def largest_difference(path: Path, corpora: Corpora) -> float:
    """The largest |scripted − eager| over the logits of all dev reviews."""
    loaded = artifact.load(path, "cpu")
    eager = SentimentClassifier(Architecture(**loaded.manifest["encoder"])).eval()
    eager.load_state_dict(loaded.module.state_dict())
    dev = encode(corpora.select("dev", labelled=True), loaded.tokenizer, loaded.manifest["max_tokens"])
    largest = 0.0
    with torch.inference_mode():
        for start in range(0, len(dev), 64):
            batch, _ = dev.batch(range(start, min(start + 64, len(dev))))
            difference = loaded.module(batch.ids, batch.lengths) - eager(batch.ids, batch.lengths)
            largest = max(largest, float(difference.abs().max()))
    return largest


def main() -> None:
    """Trains the four and prints one row for each."""
    corpora = load_corpora(list(CORPORA))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for encoder in RECURRENCES:
            path = fit(recipe(encoder), corpora, Path(folder) / encoder)
            loaded = Predictor.load(path, "cpu")
            figures = evaluate(loaded, corpora.select("dev", labelled=True)).to_dict()["corpora"]
            rows.append(
                [
                    encoder,
                    f"{sum(weight.numel() for name, weight in loaded.weights().items() if 'encoder' in name):,}",
                    f"{figures['sst2']['accuracy']:.3f}",
                    f"{figures['sst']['macro_f1']:.3f}",
                    f"{figures['waimai']['accuracy']:.3f}",
                    f"{largest_difference(path, corpora):.1e}",
                ]
            )
    heading = ["recurrence", "weights", "SST-2", "SST macro-F1", "waimai", "scripted − eager"]
    print(table(heading, rows))


if __name__ == "__main__":
    main()
