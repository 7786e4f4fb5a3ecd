"""report.md beside an artifact: what the model is, how good it is, and what it was made of."""

from pathlib import Path
from typing import Any

import tomli_w

from models.labels import LABELS
from training import figures
from training.evaluation import Evaluation
from training.figures import LANGUAGES, Baseline
from training.plots import plot_confusion, plot_curves, plot_reliability
from training.splits import SPLITS
from training.tables import percent, table


def write_report(directory: Path, manifest: dict[str, Any], evaluation: Evaluation, baseline: Baseline) -> Path:
    """Writes report.md and its pictures into `directory` and returns the report's path.

    Parameters: `baseline`, what training.baseline.baseline returns for the same reviews, or None. A split other than
    dev has its own report-SPLIT.md. Training curves are drawn where `directory` holds metrics.csv.
    """
    suffix = "" if evaluation.split == "dev" else f"-{evaluation.split}"
    directory.mkdir(parents=True, exist_ok=True)
    confusion, reliability = (directory / f"{name}{suffix}.png" for name in ("confusion", "reliability"))
    curves, log = directory / "curves.png", directory / "metrics.csv"
    plot_confusion(evaluation, confusion)
    plot_reliability(evaluation, reliability)
    has_curves = log.exists() and plot_curves(log, curves)
    parts = [
        *_model(manifest, evaluation),
        *_corpora(evaluation, baseline),
        f"![Confusion matrices: true label by answer, a panel for each corpus]({confusion.name})",
        *(_context(evaluation) if evaluation.context else []),
        *_calibration(manifest, evaluation),
        f"![Reliability diagrams: how often an answer of a given probability is right]({reliability.name})",
        *_training(manifest, curves.name if has_curves else ""),
        *_data(manifest.get("data", {})),
    ]
    path = directory / f"report{suffix}.md"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def _model(manifest: dict[str, Any], evaluation: Evaluation) -> list[str]:
    shape = manifest["encoder"]
    layers, directions = shape["layers"], {1: "one direction", 2: "both directions"}[shape["directions"]]
    languages = " and ".join(LANGUAGES.get(one, one) for one in manifest["languages"])
    rows = [
        ["version", f"`{manifest['version']}`" + (f", {manifest['date']}" if "date" in manifest else "")],
        [
            "network",
            f"{shape['encoder'].upper()}, {layers} layer{'s' * (layers > 1)}, {directions}, "
            f"{shape['hidden_size']} hidden units, {shape['pooling']} pooling",
        ],
        [
            "text",
            f"{languages}; {shape['vocabulary_size']:,} tokens in {shape['embedding_size']} dimensions; "
            f"at most {manifest['max_tokens']} tokens of a review, longer ones cut in the middle",
        ],
    ]
    if "command" in manifest:
        rows.append(["made by", f"`{manifest['command']}`"])
    rows.append(["measured by", f"`python -m training.evaluate --name {manifest['name']} --split {evaluation.split}`"])
    count = len(evaluation.reviews)
    measured = (
        f"Measured on {count:,} labelled review{'s' * (count != 1)} of the {evaluation.split} split, with the saved "
        "file, through the code that serves it."
    )
    return [f"# The model `{manifest['name']}`", measured, table(["", ""], rows, left=2)]


def _corpora(evaluation: Evaluation, baseline: Baseline) -> list[str]:
    lines = [
        "- Where a corpus has two classes, accuracy and macro-F1 compare p(positive) with p(negative), and *neutral* "
        "is the share of reviews that were answered `neutral` all the same. ± is half of Wilson's 95 % interval."
    ]
    if evaluation.neutral_share is not None:
        lines.append(
            f"- Of all reviews of two-class corpora {percent(evaluation.neutral_share)} were answered `neutral`."
        )
    if "sst2" in evaluation.corpora:
        lines.append("- `sst2` is `sst` without its neutral sentences.")
    pairs = evaluation.corpora.get("counterfactual", {})
    if pairs.get("pairs"):
        lines.append(
            f"- Of {pairs['pairs']:,} counterfactual pairs (a review and the least edit that turns it round), both "
            f"sides were right in {percent(pairs['both_right'])}."
        )
    if baseline is not None:
        lines.append(
            "- *baseline* is the accuracy of tf-idf of 1- and 2-grams (words in English, characters in Chinese) with "
            "logistic regression, trained for each corpus apart on the same training split (with the treebank's "
            "phrases, for `sst`; for `probes`, on `context`) and measured on the same "
            "reviews; *difference* is the model's accuracy less that."
        )
    lines.append("- In the pictures a column is the answer as it is served, `neutral` among them.")
    return ["## Corpora", figures.corpora_table(evaluation, baseline), "\n".join(lines)]


def _context(evaluation: Evaluation) -> list[str]:
    said = (
        "The probes: `tests/behaviour/`, written one by one and apart from all that trains, about words that no "
        "written training sentence holds. They choose nothing, neither the epoch nor a temperature. Figures are "
        "shares that are right; under a label, of the probes that truly have it."
    )
    both = (
        "Negation both ways: *negated negative* is a reproach turned round, *simple* and *far negation* mostly praise."
    )
    same = "Probes that differ in a name, a number, a place or a group of people alone, and the share with one answer:"
    negation, invariance = figures.negation_table(evaluation), figures.invariance_table(evaluation)
    return [
        "## In context",
        said,
        figures.context_overview(evaluation),
        *([both, negation] if negation else []),
        *([same, invariance] if invariance else []),
        "By capability:",
        figures.capabilities_table(evaluation),
    ]


def _calibration(manifest: dict[str, Any], evaluation: Evaluation) -> list[str]:
    said = (
        "Over all corpora of a language but the probes and the sentences, which were chosen for being hard; three "
        "classes. ECE: expected calibration error in 15 bins, 0 at best. Brier: "
        "squared error of the three probabilities, 0 to 2. NLL: negative log-likelihood of the true label in nats. "
        "*language told*: the share of reviews whose language was recognised, which chooses the temperature."
    )
    return ["## Calibration", figures.calibration_table(evaluation, manifest["temperatures"]), said]


def _training(manifest: dict[str, Any], curves: str) -> list[str]:
    parts: list[str] = []
    run = manifest.get("training")
    if run:
        start = f", from model `{run['from']}`" if run["from"] else ""
        parts.append(
            f"{run['epochs']} epochs{_stages(run)} in {run['minutes']} minutes on {run['device']} "
            f"({run['threads']} threads){start}; the weights are those of epoch {run['best_epoch']}, which had the "
            f"best dev macro-F1 of {'its stage' if _stages(run) else 'all'} (mean over corpora "
            f"{run['best_dev_macro_f1']:.3f})."
        )
        if run.get("perplexities"):
            directions = zip(("forward", "backward"), run["perplexities"], strict=False)
            said = " and ".join(f"{one:.1f} {direction}" for direction, one in directions)
            parts.append(
                f"Before that it was a language model, of perplexity {said} on held-out text: how many tokens it "
                "hesitates between at each step, one at best."
            )
        if run.get("teacher"):
            parts += _teacher(run["teacher"])
    if curves:
        parts.append(f"![Training curves: loss, dev macro-F1, speed]({curves})")
    if "recipe" in manifest:
        recipe = tomli_w.dumps(_without_nothing(manifest["recipe"]))
        parts.append(f"The recipe, settings left at their defaults included:\n\n```toml\n{recipe}```")
    if "libraries" in manifest:
        parts.append(
            "Libraries: " + ", ".join(f"{name} {number}" for name, number in manifest["libraries"].items()) + "."
        )
    return ["## Training", *parts] if parts else []


def _teacher(figures: dict[str, Any]) -> list[str]:
    """Dev accuracy of the teacher and of each of its members, corpus by corpus."""
    measured = {name: one for name, one in figures.items() if isinstance(one, dict) and "accuracy" in one}
    rows = [
        [name, f"{one['rows']:,}", f"{one['accuracy']:.3f}", *(f"{member:.3f}" for member in one["members"])]
        for name, one in measured.items()
    ]
    said = "Real reviews were learned from a teacher too, whose members, weighed on the calibration split, have on dev:"
    return [said, table(["teacher (dev)", "rows", "together", *figures["members"]], rows)]


def _stages(run: dict[str, Any]) -> str:
    epochs = run.get("stages", [])  # models trained before there were stages don't say it
    return f" in stages of {' and '.join(map(str, epochs))}" if len(epochs) > 1 else ""


def _data(data: dict[str, Any]) -> list[str]:
    parts: list[str] = []
    if data.get("rows"):
        names = [*LABELS, "unlabelled"]
        parts.append(
            table(
                ["corpus", "split", *names],
                [
                    [corpus, split, *(f"{counts[split].get(name, 0):,}" for name in names)]
                    for corpus, counts in data["rows"].items()
                    for split in SPLITS
                    if split in counts
                ],
                left=2,
            )
        )
    if data.get("files"):
        parts.append("Read from these files:")
        files = [[one["path"], f"{one['rows']:,}", f"`{one['sha256']}`"] for one in data["files"]]
        parts.append(table(["file", "rows", "SHA-256"], files))
    left = [
        [corpus, why, f"{n:,}"] for corpus, reasons in data.get("dropped", {}).items() for why, n in reasons.items()
    ]
    left += [[corpus, "bad row", f"{count:,}"] for corpus, count in data.get("problems", {}).items()]
    if left:
        parts += ["Left out:", table(["corpus", "why", "rows"], left, left=2)]
    return ["## Data", *parts] if parts else []


def _without_nothing(value: Any) -> Any:
    """TOML has no null, and a section that is empty says nothing."""
    if isinstance(value, dict):
        return {name: _without_nothing(one) for name, one in value.items() if one is not None and one != {}}
    return [_without_nothing(one) for one in value] if isinstance(value, list | tuple) else value
