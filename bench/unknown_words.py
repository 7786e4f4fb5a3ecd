"""Whole words against pieces: how much of a dev review is unknown, and what that costs in accuracy.

make bench-unknown-words      prints the table of docs/architecture.md (some minutes on 2 cores)

Both vocabularies have the same size, normalisation and word boundaries, and learn from the same training text.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from tokenizers import Tokenizer as Backend
from tokenizers import models, trainers

from models.classifier import Architecture, SentimentClassifier
from models.text import UNKNOWN, Tokenizer
from training.corpora import Corpora, load_corpora
from training.examples import Examples, encode, texts_for_vocabulary
from training.judging import predict_logits
from training.loop import Loop
from training.recipe import TrainingSection
from training.tables import table

SIZE = 30_000
MEASURED = ("imdb", "sst", "amazon", "online_shopping", "hotel", "waimai")
TRAINED = ("sst", "amazon", "hotel", "waimai")  # small ones: the differences show, and it takes minutes


def whole_words(like: Tokenizer, corpora: Corpora) -> Tokenizer:
    """A vocabulary of the most frequent whole words, read as `like` reads."""
    backend = Backend.from_str(like.to_json())
    backend.model = models.WordLevel({}, unk_token="[UNK]")
    trainer = trainers.WordLevelTrainer(vocab_size=SIZE, special_tokens=["[PAD]", "[UNK]"], show_progress=False)
    backend.train_from_iterator(texts_for_vocabulary(corpora.reviews), trainer)
    return Tokenizer(backend)


def unknown_share(examples: Examples) -> float:
    """Share of tokens read as unknown."""
    return sum(ids.count(UNKNOWN) for ids in examples.ids) / sum(map(len, examples.ids))


def accuracy(tokenizer: Tokenizer, corpora: Corpora) -> dict[str, float]:
    """Two-class dev accuracy of one small network trained on TRAINED, the same for both vocabularies."""
    train = encode(corpora.select("train", TRAINED, labelled=True), tokenizer, 300)
    dev = encode(corpora.select("dev", TRAINED, labelled=True), tokenizer, 300)
    torch.manual_seed(1)
    network = SentimentClassifier(
        Architecture(tokenizer.size, 64, hidden_size=64, embedding_dropout=0.3, head_dropout=0.3)
    )
    settings = TrainingSection(epochs=5, average=0.99)
    with TemporaryDirectory() as folder:
        Loop(network, train, dev, {}, (settings,), 1, torch.device("cpu"), Path(folder), "").run()
    logits, labels = predict_logits(network, dev, torch.device("cpu")), torch.tensor(dev.labels)
    right = (logits[:, 2] > logits[:, 0]) == (labels == 2)
    found = {}
    for corpus in TRAINED:
        rows = torch.tensor([one == corpus for one in dev.corpora]) & (labels != 1)
        found[corpus] = float(right[rows].float().mean())
    return found


def main() -> None:
    """Measures both and prints a row for each corpus."""
    corpora = load_corpora(MEASURED)
    pieces = Tokenizer.train(texts_for_vocabulary(corpora.reviews), SIZE)
    readings = {"words": whole_words(pieces, corpora), "pieces": pieces}
    unknown = {
        name: {
            corpus: unknown_share(encode(corpora.select("dev", [corpus], labelled=True), one, 10_000))
            for corpus in MEASURED
        }
        for name, one in readings.items()
    }
    right = {name: accuracy(one, corpora) for name, one in readings.items()}
    heading = ["dev corpus", "unknown, words", "unknown, pieces", "accuracy, words", "accuracy, pieces"]
    rows = [
        [corpus, *(f"{unknown[name][corpus]:.2%}" for name in readings)]
        + [f"{right[name][corpus]:.3f}" if corpus in TRAINED else "–" for name in readings]
        for corpus in MEASURED
    ]
    print(table(heading, rows))


if __name__ == "__main__":
    main()
