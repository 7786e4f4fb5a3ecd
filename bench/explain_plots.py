"""Pictures of docs/explaining.md. Colours are Okabe and Ito's (2008); each method also has a marker of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from bench.explain_methods import DECOMPOSITION, GRADIENTS, LEFT_OUT, RANDOM, SIGNALS, WRITES
from training.plots import BLUE, GREEN, GREY, INK, ORANGE, plain

_STYLES = {
    SIGNALS: (BLUE, "o", "-"),
    WRITES: ("#56B4E9", "s", "-"),
    DECOMPOSITION: (GREEN, "^", "-"),
    LEFT_OUT: ("#CC79A7", "D", "-"),
    GRADIENTS: (ORANGE, "v", "-"),
    RANDOM: (GREY, "x", "--"),
}
_REFERENCE = (GREY, "+", ":")


def plot_removal(curves: Mapping[str, Mapping[str, Tensor]], fractions: Sequence[float], way: str, path: Path) -> None:
    """A column a corpus, comprehensiveness above sufficiency; curves (F,2) by corpus and method."""
    figure = Figure(figsize=(3.1 * len(curves) + 0.2, 5.6), layout="constrained")
    grid = figure.subplots(2, len(curves), squeeze=False, sharex=True, sharey="row")
    places = range(len(fractions))
    for column, (corpus, some) in enumerate(curves.items()):
        for measure, axes in enumerate(grid[:, column]):
            for name, curve in some.items():
                _line(axes, places, curve[:, measure].tolist(), name)
            plain(axes)
        grid[0, column].set_title(corpus, loc="left", fontsize=9, color=INK)
        grid[1, column].set_xticks(places, [f"{fraction:.0%}" for fraction in fractions])
    grid[0, 0].set_ylabel("comprehensiveness (more is better)")
    grid[1, 0].set_ylabel("sufficiency (less is better)")
    grid[1, len(curves) // 2].set_xlabel(f"share of tokens removed or kept, by {way}", fontsize=8.5, color=INK)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3, **_LEGEND)
    _save(figure, path)


def plot_phrases(by_length: Mapping[str, Sequence[float]], lengths: Sequence[int], path: Path) -> None:
    """Spearman by length of span, a line a method."""
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.subplots()
    for name, values in by_length.items():
        _line(axes, lengths, values, name)
    axes.set_xlabel("words in the span")
    axes.set_ylabel("Spearman with human labels")
    plain(axes)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", **_LEGEND)
    _save(figure, path)


def plot_flips(curves: Mapping[str, Mapping[str, Sequence[float]]], margins: Sequence[float], path: Path) -> None:
    """A panel a language: shares of pairs that are told of as turns, by the margin that is asked for.

    Curves are named `pairs; partner`: pairs have a colour and a marker, partners a line.
    """
    figure = Figure(figsize=(3.6 * len(curves) + 0.2, 4.2), layout="constrained")
    grid = figure.subplots(1, len(curves), squeeze=False, sharey=True)
    styles = ((GREEN, "^"), (BLUE, "o"), (GREY, "x"))
    for axes, (language, some) in zip(grid[0], curves.items(), strict=True):
        pairs = list(dict.fromkeys(name.split("; ")[0] for name in some))
        partners = list(dict.fromkeys(name.split("; ")[1] for name in some))
        for name, values in some.items():
            colour, marker = styles[pairs.index(name.split("; ")[0])]
            line = ("--", "-")[partners.index(name.split("; ")[1])]
            axes.plot(margins, values, color=colour, marker=marker, linestyle=line, markersize=4, label=name)
        axes.set_title(language, loc="left", fontsize=9, color=INK)
        axes.set_xlabel("margin of both scores, in logits")
        axes.set_ylim(0, 1.02)
        plain(axes)
    grid[0, 0].set_ylabel("share of pairs told of as turns")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, **_LEGEND)
    _save(figure, path)


_LEGEND: dict[str, Any] = {"frameon": False, "fontsize": 8, "labelcolor": INK}


def _line(axes: Axes, x: Sequence[float], y: Sequence[float], name: str) -> None:
    """A method has its colour and marker in every picture; its name may go on."""
    colour, marker, line = next((style for key, style in _STYLES.items() if name.startswith(key)), _REFERENCE)
    axes.plot(x, y, color=colour, marker=marker, linestyle=line, markersize=4, label=name)


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})  # the same figures give the same bytes
