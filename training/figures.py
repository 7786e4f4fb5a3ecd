"""The tables of an evaluation, for the report and the terminal; each names the split and how many rows it rests on."""

from typing import Any

from models.labels import LABELS
from training.evaluation import Evaluation
from training.tables import percent, share, table

LANGUAGES = {"en": "English", "zh": "Chinese"}
Baseline = dict[str, dict[str, Any]] | None

_NEGATION = (
    ("simple_negation", "negative"),
    ("far_negation", "negative"),
    ("far_negation", "positive"),
    ("negated_negative", "positive"),
    ("negated_neutral", "neutral"),
    ("double_negation", "negative"),
    ("double_negation", "positive"),
    ("plain", "negative"),
    ("plain", "positive"),
    ("plain", "neutral"),
)


def corpora_table(evaluation: Evaluation, baseline: Baseline) -> str:
    """A line for each corpus: rows, accuracy, macro-F1, share answered neutral; the baseline where there is one."""
    header = [f"corpus ({evaluation.split})", "rows", "classes", "accuracy", "±", "macro-F1", "neutral"]
    rows: list[list[object]] = []
    for name, figures in evaluation.corpora.items():
        accuracy, count = figures["accuracy"], figures["rows"]
        row: list[object] = [name, f"{count:,}", figures["classes"], share(accuracy), share(_interval(accuracy, count))]
        row += [share(figures["macro_f1"]), percent(figures["neutral_share"])]
        if baseline is not None:
            other = baseline.get(name, {}).get("accuracy")
            row += [share(other), "–" if other is None else f"{accuracy - other:+.3f}"]
        rows.append(row)
    return table(header if baseline is None else [*header, "baseline", "difference"], rows)


def calibration_table(evaluation: Evaluation, temperatures: dict[str, float]) -> str:
    """A line for each language, over all corpora: temperature, ECE, Brier, NLL, how often the language was told."""
    header = [f"language ({evaluation.split})", "rows", "temperature", "ECE", "Brier", "NLL", "language told"]
    return table(
        header,
        [
            [
                LANGUAGES.get(language, language),
                f"{one['rows']:,}",
                share(temperatures.get(language)),
                *(share(one[figure]) for figure in ("ece", "brier", "nll")),
                percent(one["language_told"]),
            ]
            for language, one in evaluation.languages.items()
        ],
    )


def context_overview(evaluation: Evaluation) -> str:
    """A line for each language: the share of probes that is right, in all and for each true label."""
    rows: list[list[object]] = []
    for language, capabilities in evaluation.context.items():
        found = {label: _pooled(capabilities, label) for label in LABELS}
        count = sum(rows for rows, _ in found.values())
        right = sum(right for _, right in found.values())
        shares = [share(part / total) if total else "–" for total, part in found.values()]
        rows.append([LANGUAGES.get(language, language), f"{count:,}", share(right / count), *shares])
    return table([f"probes ({evaluation.split})", "rows", "right", *LABELS], rows)


def negation_table(evaluation: Evaluation) -> str:
    """Both directions of negation beside each other, and the same without a negator; empty where none was measured.

    A line for each capability and true label; for each language its probes and the share that is right.
    """
    header = [f"negation ({evaluation.split})", "truly"]
    for language in evaluation.context:
        header += ["rows", LANGUAGES.get(language, language)]
    rows: list[list[object]] = []
    for name, label in _NEGATION:
        found = [one.get(name, {}).get("by_label", {}).get(label, {}) for one in evaluation.context.values()]
        if any(found):
            cells = [cell for one in found for cell in (one.get("rows", 0), share(one.get("accuracy")))]
            rows.append([name.replace("_", " "), label, *cells])
    return table(header, rows, left=2) if rows else ""


def invariance_table(evaluation: Evaluation) -> str:
    """Lines that stand for several texts, which differ in what must not matter: how many there are, and the share that
    got one answer; empty where none was measured."""
    header = [f"must not matter ({evaluation.split})"]
    for language in evaluation.context:
        header += ["lines", LANGUAGES.get(language, language)]
    rows: list[list[object]] = []
    for name in sorted({name for one in evaluation.context.values() for name in one if "lines" in one[name]}):
        found = [one.get(name, {}) for one in evaluation.context.values()]
        rows.append([name, *(cell for one in found for cell in (one.get("lines", 0), share(one.get("one_answer"))))])
    return table(header, rows) if rows else ""


def capabilities_table(evaluation: Evaluation) -> str:
    """Every capability in every language: rows, the share that is right, and that for each true label."""
    header = [f"capability ({evaluation.split})"]
    for language in evaluation.context:
        header += ["rows", LANGUAGES.get(language, language), *LABELS]
    rows: list[list[object]] = []
    for name in sorted({name for capabilities in evaluation.context.values() for name in capabilities}):
        row: list[object] = [name.replace("_", " ")]
        for capabilities in evaluation.context.values():
            figures = capabilities.get(name, {})
            row += [figures.get("rows", "–"), share(figures.get("accuracy"))]
            row += [_right(capabilities, name, label) for label in LABELS]
        rows.append(row)
    return table(header, rows)


def _right(capabilities: dict[str, dict[str, Any]], name: str, label: str) -> str:
    return share(capabilities.get(name, {}).get("by_label", {}).get(label, {}).get("accuracy"))


def _pooled(capabilities: dict[str, dict[str, Any]], label: str) -> tuple[int, int]:
    """Rows of a true label over all capabilities, and how many are right."""
    found = [one["by_label"][label] for one in capabilities.values() if label in one["by_label"]]
    return sum(one["rows"] for one in found), sum(round(one["rows"] * one["accuracy"]) for one in found)


def _interval(accuracy: float, rows: int) -> float:
    """Half the width of Wilson's 95 % interval (1927): what chance does to a share of so few rows."""
    z = 1.96
    return float(z / (1 + z * z / rows) * (accuracy * (1 - accuracy) / rows + z * z / (4 * rows * rows)) ** 0.5)
