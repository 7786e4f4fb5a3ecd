"""Why context needs a memory: a weight per word, summed, against recurrences, on pairs that only context tells apart.

    python -m examples.bag_of_words

Three kinds of pairs of sentences with opposite labels:

- order: the same words in another order ("good rather than bad", "bad rather than good");
- near: one has *not* right before the word that it turns;
- far: one has *not* up to twelve words before it.

Half of the sentences with *not* are positive, since *not bad* is as frequent as *not good*. All models train on the
same sentences; the nouns of the measured ones are others, and so are the fillers between, drawn word by
word. Prints who gets which right and draws it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn
from tqdm import trange

from examples.running import parser, start, whole
from models.batching import collate
from models.encoder import Encoder
from models.recurrence import RECURRENCES

KINDS = ("order", "near", "far")
WORDS = {"good": 1, "fine": 1, "lovely": 1, "great": 1, "bad": 0, "poor": 0, "awful": 0, "dull": 0}
NOUNS = {"train": "film hotel soup phone book tram lamp shop".split(), "test": "play room bread watch poem bus".split()}
FILLERS = "that this whole thing here as it stands today with all of its old parts and which we saw last week".split()
PAD = 0


@dataclass(frozen=True)
class Sentence:
    """Words with a label (1 positive, 0 negative), of one kind of pair."""

    words: tuple[str, ...]
    label: int
    kind: str


def pairs(count: int, split: str, random: Random) -> list[tuple[Sentence, Sentence]]:
    """`count` pairs of each kind about the nouns of a split ("train" or "test"); labels are opposite."""
    found = []
    for _ in range(count):
        noun = random.choice(NOUNS[split])
        praise = random.choice([word for word, label in WORDS.items() if label])
        blame = random.choice([word for word, label in WORDS.items() if not label])
        frame = ("the", noun, "is")
        found.append(
            (
                Sentence((*frame, praise, "rather", "than", blame), 1, "order"),
                Sentence((*frame, blame, "rather", "than", praise), 0, "order"),
            )
        )
        for kind, distance in (("near", 0), ("far", random.randint(4, 12))):
            word = random.choice(list(WORDS))
            filler = tuple(random.choices(FILLERS, k=distance))
            found.append(
                (
                    Sentence((*frame, *filler, word), WORDS[word], kind),
                    Sentence((*frame, "not", *filler, word), 1 - WORDS[word], kind),
                )
            )
    return found


class BagOfWords(nn.Module):
    """A weight per word, summed: ids (B,T) -> logits (B,). V weights, whatever the order."""

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__()
        self.weights = nn.EmbeddingBag(vocabulary_size, 1, mode="sum", padding_idx=PAD)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids (B,T), lengths (B,) -> logits (B,)."""
        return self.weights(ids).squeeze(1) + self.bias


class LastState(nn.Module):
    """An encoder of one direction, read at its last state: ids (B,T) -> logits (B,)."""

    def __init__(self, kind: str, vocabulary_size: int, embedding_size: int = 16, hidden_size: int = 24) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PAD)
        self.encoder = Encoder(kind, embedding_size, hidden_size, directions=1)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids (B,T), lengths (B,) -> logits (B,)."""
        _, last = self.encoder.run(self.embedding(ids), lengths)  # (1,B,H)
        return self.head(last[0]).squeeze(1)


def train(model: nn.Module, ids: list[list[int]], labels: Tensor, steps: int, device: torch.device, name: str) -> None:
    """Adam, its rate up to 3e-3 and down again, on random batches of 64, cross-entropy, gradient norm at most 1."""
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps, cycle_momentum=False)
    with trange(steps, desc=f"{name:12}", unit="step", disable=None) as bar:
        for step in bar:
            rows = torch.randint(len(ids), (64,)).tolist()
            batch = collate([ids[row] for row in rows]).to(device)
            logits = model(batch.ids, batch.lengths)
            loss = nn.functional.binary_cross_entropy_with_logits(logits, labels[rows].to(device))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if step % 100 == 0:
                bar.set_postfix_str(f"loss {loss.item():.3f}")


def measure(
    model: nn.Module, ids: list[list[int]], sentences: list[Sentence], device: torch.device
) -> dict[str, float]:
    """Share right of each kind of pair."""
    batch = collate(ids).to(device)
    with torch.inference_mode():
        answers = (model(batch.ids, batch.lengths) > 0).long().tolist()
    right: dict[str, list[bool]] = {}
    for answer, sentence in zip(answers, sentences, strict=True):
        right.setdefault(sentence.kind, []).append(answer == sentence.label)
    return {kind: sum(right[kind]) / len(right[kind]) for kind in KINDS}


def draw(table: dict[str, dict[str, float]], path: Path) -> None:
    """Bars: a group for each kind of pair, a bar for each model, chance as a line."""
    figure, panel = plt.subplots(figsize=(7, 3), layout="constrained")
    width = 0.8 / len(table)
    for number, (name, shares) in enumerate(table.items()):
        places = [place + width * (number - (len(table) - 1) / 2) for place in range(len(KINDS))]
        panel.bar(places, [shares[kind] for kind in KINDS], width=0.9 * width, label=name)
    panel.axhline(0.5, color="0.4", linestyle=":", linewidth=1)
    panel.set_xticks(range(len(KINDS)), ["another order", "not, near", "not, far off"])
    panel.set_ylim(0, 1)
    panel.set_ylabel("share right")
    panel.legend(ncols=len(table), fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1))
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    command_line = parser("bag_of_words", "A weight per word, summed, against recurrences on pairs told by context.")
    command_line.add_argument(
        "--steps", type=whole(1), default=4_000, help="training steps of 64 sentences (default: 4000)"
    )
    options = command_line.parse_args(arguments)
    device = start(options, command_line)
    random = Random(options.seed)
    learned = [one for pair in pairs(2_000, "train", random) for one in pair]
    measured = [one for pair in pairs(500, "test", random) for one in pair]

    # One table of words, so that a measured noun has an untrained embedding and not another's.
    known = sorted({word for one in learned + measured for word in one.words})
    number = {word: index for index, word in enumerate(known, start=PAD + 1)}
    ids, test_ids = ([[number[word] for word in one.words] for one in part] for part in (learned, measured))
    labels = torch.tensor([float(one.label) for one in learned])

    table: dict[str, dict[str, float]] = {}
    for name in ("bag of words", *RECURRENCES):
        size = len(known) + 1
        model = (BagOfWords(size) if name == "bag of words" else LastState(name, size)).to(device)
        train(model, ids, labels, options.steps, device, name)
        table[name] = measure(model.eval(), test_ids, measured, device)
        table[name]["weights"] = sum(weight.numel() for weight in model.parameters())

    print(
        f"{'share right of ' + format(len(measured), ','):24}" + "".join(f"{kind:>8}" for kind in KINDS) + "  weights"
    )
    for name, shares in table.items():
        print(f"{name:24}" + "".join(f"{shares[kind]:8.3f}" for kind in KINDS) + f"  {shares['weights']:7,.0f}")
    path = options.out / "bag_of_words.png"
    draw(table, path)
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
