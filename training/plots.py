"""The report's pictures, as small PNGs: confusion matrices, reliability diagrams, training curves.

Colours are Okabe and Ito's (2008), told apart by colour-blind readers; shading runs in one hue, and counts stand in it.
"""

import csv
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from models.labels import LABELS
from training import metrics
from training.evaluation import Evaluation, labels_of, probabilities_of

BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#8A9099", "#22272E"
_TITLE: dict[str, Any] = {"loc": "left", "fontsize": 9, "color": INK}
_LANGUAGES = {"en": "English", "zh": "Chinese"}


def plot_confusion(evaluation: Evaluation, path: Path) -> None:
    """One matrix a corpus: rows are true labels, columns answers; shade and percentage are shares of a row."""
    names = list(evaluation.corpora)
    columns = math.ceil(math.sqrt(len(names)))
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(2.3 * columns + 0.3, 2.45 * lines), layout=ConstrainedLayoutEngine(h_pad=0.09))
    grid = figure.subplots(lines, columns, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place < len(names):
            _matrix(axes, names[place], evaluation.corpora[names[place]])
        else:
            axes.set_axis_off()
    figure.supxlabel(f"answer ({evaluation.split} split)", fontsize=8.5, color=INK)
    figure.supylabel("true label", fontsize=9, color=INK)
    _save(figure, path)


def plot_reliability(evaluation: Evaluation, path: Path) -> None:
    """For each language, how often the answer is right by how sure the model is, above how many answers are so sure."""
    scores, labels = probabilities_of(evaluation.predictions), labels_of(evaluation.reviews)
    languages = list(evaluation.languages)
    figure = Figure(figsize=(3.3 * len(languages) + 0.3, 4.0), layout="constrained")
    grid = figure.subplots(2, len(languages), squeeze=False, sharex=True, height_ratios=[3, 1])
    for column, language in enumerate(languages):
        rows = [index for index, review in enumerate(evaluation.reviews) if review.language == language]
        bins = metrics.reliability(scores[rows], labels[rows])
        title = f"{_LANGUAGES.get(language, language)}: ECE {bins.error:.3f}, {len(rows):,} reviews"
        _reliability(grid[0, column], grid[1, column], bins, title)
    grid[0, 0].set_ylabel("share that is right")
    grid[1, 0].set_ylabel("reviews")
    _save(figure, path)


def plot_curves(metrics_csv: Path, path: Path) -> bool:
    """Loss, dev macro-F1 and speed by step, from training's metrics.csv; dotted where a stage begins.

    False, and no picture, where it is empty.
    """
    with metrics_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        return False
    figure = Figure(figsize=(8.4, 2.6), layout="constrained")
    loss, score, speed = figure.subplots(1, 3, sharex=True)
    for split, colour, marker in (("train", BLUE, ""), ("dev", ORANGE, "o")):
        loss.plot(*_series(rows, split, "loss"), color=colour, marker=marker, markersize=4, label=split)
    loss.set_title("loss", **_TITLE)
    loss.legend(frameon=False, fontsize=8, labelcolor=INK)
    steps, values = _series(rows, "dev", "macro_f1")
    score.plot(steps, values, color=ORANGE, marker="o", markersize=4)
    last = [row for row in rows if row.get("stage") == rows[-1].get("stage")]  # whose best weights are the model's
    steps, values = _series(last, "dev", "macro_f1")
    if values:
        best = int(np.argmax(values))
        score.plot(steps[best], values[best], "o", markersize=9, fillstyle="none", color=INK)
        score.set_title(f"dev macro-F1, best {values[best]:.3f}", **_TITLE)
    steps, values = _series(rows, "train", "tokens_per_second")
    speed.plot(steps, [value / 1000 for value in values], color=GREEN)
    speed.set_ylim(bottom=0)
    speed.set_title("thousand tokens a second", **_TITLE)
    began = [int(before["step"]) for before, row in pairwise(rows) if row.get("stage") != before.get("stage")]
    for axes in (loss, score, speed):
        plain(axes)
        for step in began:
            axes.axvline(step, color=GREY, linestyle=":", linewidth=1)
        axes.set_xlabel("step")
        axes.locator_params(axis="x", nbins=5)
    _save(figure, path)
    return True


def _matrix(axes: Axes, name: str, figures: dict[str, Any]) -> None:
    counts = np.array(figures["confusion"])
    filled = [row for row in range(len(LABELS)) if counts[row].sum()]
    counts = counts[filled]
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        text = f"{share:.0%}\n{count:,}"
        axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color="white" if share > 0.66 else INK)
    axes.set_xticks(range(len(LABELS)), LABELS, fontsize=7)
    axes.set_yticks(range(len(filled)), [LABELS[row] for row in filled], fontsize=7, rotation=90, va="center")
    axes.set_title(f"{name} ({figures['rows']:,})", **_TITLE)
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)


def _reliability(above: Axes, below: Axes, bins: metrics.Reliability, title: str) -> None:
    edges = np.linspace(0, 1, metrics.BINS + 1)
    middles, width = (edges[:-1] + edges[1:]) / 2, 0.9 / metrics.BINS
    above.plot([0, 1], [0, 1], linestyle="--", linewidth=1, color=GREY)
    above.bar(middles, np.nan_to_num(bins.accuracy), width, color=BLUE, alpha=0.25)
    filled = bins.counts > 0
    above.plot(bins.confidence[filled], bins.accuracy[filled], marker="o", markersize=4, linewidth=1.5, color=BLUE)
    above.set_title(title, **_TITLE)
    above.set_ylim(0, 1.02)
    below.bar(middles, bins.counts, width, color=GREY)
    below.set_xlabel("probability of the answer")
    below.set_xlim(1 / len(LABELS) - 0.03, 1.01)
    for axes in (above, below):
        plain(axes)


def _series(rows: list[dict[str, str]], split: str, column: str) -> tuple[list[int], list[float]]:
    found = [row for row in rows if row["split"] == split and row.get(column)]
    return [int(row["step"]) for row in found], [float(row[column]) for row in found]


def plain(axes: Axes) -> None:
    """The look that all plots share: two faint axes, a grid behind, small labels."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, labelsize=8, length=3)
    axes.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.7)
    axes.set_axisbelow(True)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set(fontsize=8.5, color=INK)


def _save(figure: Figure, path: Path) -> None:
    # A palette makes the file a third as large. No version is written in it: the same figures give the same bytes.
    figure.dpi = 110
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
