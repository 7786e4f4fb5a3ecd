"""The pictures and the counts of docs/recurrences.md: the default model's recurrence unrolled over one sentence.

    python -m examples.unrolled --out docs/pictures
    python -m examples.unrolled --sentence "the food was not what i would call good" --model artifacts/mine/sentiment.pt

Draws `unrolled.png`, the network as a graph with the same weights at each step, and `states.png`, what its forward half
remembers (cell states) and how far its forget gates are open, word by word. Prints how many weights each reader has.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from torch import Tensor, nn

from examples.running import parser, start
from models import artifact
from models.artifact import ArtifactError
from models.batching import collate
from models.labels import LABELS
from models.predictor import Predictor
from models.recurrence import RECURRENCES

SENTENCE = "i do not think the flower is beautiful"
MODEL = Path("artifacts/default/sentiment.pt")
UNITS = 24  # rows of the picture of states


def counts(vocabulary_size: int, embedding_size: int, hidden_size: int, steps: Sequence[int]) -> list[tuple[str, int]]:
    """How many weights each kind of reader has beside the embedding, biases included."""
    dense = [
        (
            f"a dense layer over {count} words, weights for each place",
            sum(_sizes(nn.Linear(count * embedding_size, hidden_size))),
        )
        for count in steps
    ]
    shared = [
        (f"{kind}, one direction, any number of words", sum(_sizes(recurrence(embedding_size, hidden_size))))
        for kind, recurrence in RECURRENCES.items()
    ]
    return [(f"a weight per word and class, {vocabulary_size:,} words", vocabulary_size * len(LABELS)), *dense, *shared]


def _sizes(module: nn.Module) -> list[int]:
    return [weight.numel() for weight in module.parameters()]


def draw_unrolled(words: Sequence[str], label: str, path: Path) -> None:
    """The graph: words, embeddings, both directions, pooling, head."""
    figure, panel = plt.subplots(figsize=(1.15 * len(words) + 1.2, 5.2), layout="constrained")
    rows = {"word": 0.0, "embedding": 1.0, "forward": 2.2, "backward": 3.4, "pooling": 4.7, "head": 5.6}
    for place, word in enumerate(words):
        panel.text(place, rows["word"], word, ha="center", va="center", fontsize=11)
        _box(panel, place, rows["embedding"], f"$x_{{{place + 1}}}$", "0.92")
        _box(panel, place, rows["forward"], rf"$\overrightarrow{{h}}_{{{place + 1}}}$", "#cfe3f5")
        _box(panel, place, rows["backward"], rf"$\overleftarrow{{h}}_{{{place + 1}}}$", "#f7dcc6")
        _arrow(panel, (place, rows["word"] + 0.2), (place, rows["embedding"] - 0.3))
        _arrow(panel, (place, rows["embedding"] + 0.3), (place, rows["forward"] - 0.3))
        _arrow(panel, (place + 0.1, rows["embedding"] + 0.3), (place + 0.1, rows["backward"] - 0.3), curve=0.35)
        _arrow(panel, (place, rows["backward"] + 0.3), (place, rows["pooling"] - 0.25))
        _arrow(panel, (place - 0.1, rows["forward"] + 0.3), (place - 0.1, rows["pooling"] - 0.25), curve=-0.35)
        if place + 1 < len(words):
            _arrow(panel, (place + 0.36, rows["forward"]), (place + 0.64, rows["forward"]), color="C0")
            _arrow(panel, (place + 0.64, rows["backward"]), (place + 0.36, rows["backward"]), color="C1")
    middle = (len(words) - 1) / 2
    for name, text in (("pooling", "max and mean over the words"), ("head", f"linear head: {label}")):
        _box(panel, middle, rows[name], text, "0.92", width=len(words) - 0.3)
    _arrow(panel, (middle, rows["pooling"] + 0.25), (middle, rows["head"] - 0.25))
    names = {
        "embedding": "embedding $(B,T,E)$",
        "forward": "forward $(B,T,H)$",
        "backward": "backward $(B,T,H)$",
        "pooling": "$(B,2·D·H)$",
        "head": "logits $(B,C)$",
    }
    for name, text in names.items():
        panel.text(-0.75, rows[name], text, ha="right", va="center", fontsize=9, color="0.35")
    panel.set_xlim(-2.3, len(words) - 0.4)
    panel.set_ylim(-0.4, 6.1)
    panel.axis("off")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _box(panel: Axes, x: float, y: float, text: str, color: str, width: float = 0.7) -> None:
    panel.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.24), width, 0.48, boxstyle="round,pad=0.02", facecolor=color, edgecolor="0.4"
        )
    )
    panel.text(x, y, text, ha="center", va="center", fontsize=11)


def _arrow(
    panel: Axes, begin: tuple[float, float], end: tuple[float, float], curve: float = 0.0, color: str = "0.5"
) -> None:
    panel.add_patch(
        FancyArrowPatch(
            begin, end, arrowstyle="-|>", mutation_scale=9, color=color, connectionstyle=f"arc3,rad={curve}", zorder=0
        )
    )


def draw_states(words: Sequence[str], cells: Tensor, forget: Tensor, path: Path) -> None:
    """cells (T,H): the units that change most, from word to word; forget (T,H): the gates' mean and spread."""
    most = (cells[1:] - cells[:-1]).abs().sum(0).topk(min(UNITS, cells.size(1))).indices
    figure, (top, bottom) = plt.subplots(
        2,
        1,
        figsize=(0.9 * len(words) + 2, 6),
        layout="constrained",
        sharex=True,
        gridspec_kw={"height_ratios": (3, 1)},
    )
    shown = cells[:, most].t().numpy()
    limit = float(abs(shown).max())
    picture = top.imshow(shown, aspect="auto", cmap="RdBu_r", vmin=-limit, vmax=limit)
    figure.colorbar(picture, ax=top, label="cell state $c_t$")
    top.set_ylabel(f"the {len(most)} units that change most")
    top.set_yticks([])
    bottom.plot(forget.mean(1).numpy(), "o-")
    bottom.fill_between(
        range(len(words)), forget.quantile(0.25, 1).numpy(), forget.quantile(0.75, 1).numpy(), alpha=0.2
    )
    bottom.set_ylabel("forget gate $f_t$")
    bottom.set_ylim(0, 1)
    bottom.set_xticks(range(len(words)), words)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    command_line = parser("unrolled", "Draws a model's recurrence unrolled over one sentence, and its states.")
    command_line.add_argument("--sentence", default=SENTENCE, help=f"what it reads (default: {SENTENCE!r})")
    command_line.add_argument("--model", type=Path, default=MODEL, help=f"an LSTM's sentiment.pt (default: {MODEL})")
    options = command_line.parse_args(arguments)
    start(options, command_line)
    try:
        predictor = Predictor.load(options.model, "cpu")
        module = artifact.load(options.model, "cpu").module
        prediction = predictor.predict([options.sentence])[0]
    except (ArtifactError, ValueError) as error:
        command_line.error(str(error))
    shape = predictor.manifest["encoder"]
    if shape["encoder"] != "lstm":
        command_line.error(
            f"{options.model} is of the kind {shape['encoder']}; cell states and forget gates are an LSTM's"
        )
    ids = predictor.tokenizer.ids([options.sentence])[0][: predictor.max_tokens]
    words = [predictor.tokenizer.piece(one) for one in ids]
    batch = collate([ids])
    with torch.inference_mode():
        _, cells, gates = module.states(batch.ids, batch.lengths)  # (L·D,B,T,H), (L·D,B,T,4H)
    size = shape["hidden_size"]
    draw_unrolled(words, f"{prediction.label} {prediction.score:.2f}", options.out / "unrolled.png")
    draw_states(words, cells[0, 0], gates[0, 0, :, size : 2 * size], options.out / "states.png")
    for name, count in counts(shape["vocabulary_size"], shape["embedding_size"], size, (len(words), 400)):
        print(f"{count:12,}  {name}")
    print(f"{prediction.label} {prediction.score:.3f}: {options.sentence}")
    print(f"wrote {options.out / 'unrolled.png'} and {options.out / 'states.png'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
