"""Measures a saved model on labelled reviews and writes its report: `make evaluate`, or

python -m training.evaluate                                the default model on the dev split, beside the baseline
python -m training.evaluate --name mine --no-baseline      artifacts/mine, the model alone
python -m training.evaluate --model some/sentiment.pt --predictions predictions.jsonl

Prints the tables; report.md and its pictures go beside the model. Corpora that are not under DATA_DIR are left out.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.artifact import ArtifactError
from models.labels import LABELS
from models.predictor import Predictor
from training import figures
from training.baseline import baseline
from training.corpora import CORPORA, FILES, default_data_dir
from training.download import MissingCorpusError
from training.evaluation import NOT_MEASURED, Evaluation, evaluate
from training.gather import gather
from training.readers.reading import Reading
from training.readers.table import read_table
from training.recipe import Recipe
from training.report import write_report
from training.review import Review
from training.splits import SPLITS

ARTIFACTS = Path("artifacts")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when a report was written, 1 with one line on standard error otherwise."""
    options = _options(arguments)
    path = options.model or ARTIFACTS / options.name / "sentiment.pt"
    try:
        predictor = Predictor.load(path, options.device)
        user = read_table(options.data, options.text_column, options.label_column) if options.data else None
        train, measured = read(predictor.manifest, options.split, options.data_dir, user)
        evaluation = evaluate(predictor, measured)
        with_baseline = not options.no_baseline and options.split != "train"
        beside = baseline(train, measured) if with_baseline else None
        print(summary(predictor, evaluation, beside))
        if options.predictions:
            write_predictions(options.predictions, evaluation)
            print(f"\nwrote {options.predictions}: {len(evaluation.reviews):,} predictions")
        lost = set(predictor.manifest.get("figures", {}).get("corpora", {})) - set(evaluation.corpora)
        if lost and options.split == "dev":
            print(f"\nreport.md stays as it is, for it also has {', '.join(sorted(lost))}")
        else:
            print(f"\nwrote {write_report(path.parent, predictor.manifest, evaluation, beside)}")
    except (ArtifactError, MissingCorpusError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def read(
    manifest: dict[str, Any], split: str, data_dir: Path | None = None, user: Reading | None = None
) -> tuple[list[Review], list[Review]]:
    """Labelled reviews to train a baseline on, and those of `split`, as training had them; says what is absent.

    Corpora are those under `data_dir` (default: DATA_DIR, else ./data), and the project's own written sentences; `user`
    is a file of one's own.
    """
    folder = data_dir or default_data_dir()
    labelled = [name for name in CORPORA if name != "imdb_unlabelled"]
    found = [name for name in labelled if all((folder / file).exists() for file in FILES[name])]
    absent = [name for name in labelled if name not in found and name not in NOT_MEASURED]
    if absent:
        print(
            f"not under {folder}, so not measured: {', '.join(absent)} "
            "(`python -m training.corpora --download` fetches them, DATA_DIR names their folder)"
        )
    own = ["context", *(["sentences"] if found else [])]
    more = ["imdb_unlabelled"] if "imdb" in found else []  # labelled sentences stand in those too
    corpora = gather(Recipe(corpora=dict.fromkeys((*found, *more, *own), 1.0)), folder, user)
    for note in corpora.notes:
        print(f"note: {note}")
    if user is None and "user" in manifest.get("data", {}).get("rows", {}):
        print("note: this model also learned from a file of yours; --data FILE measures it on that too")
    return corpora.select("train", labelled=True), corpora.select(split, labelled=True)


def summary(predictor: Predictor, evaluation: Evaluation, beside: figures.Baseline) -> str:
    """What the terminal shows: the report's tables, without the long one."""
    tables = [
        f"{predictor.name}, version {predictor.version}, on {len(evaluation.reviews):,} reviews of the "
        f"{evaluation.split} split",
        figures.corpora_table(evaluation, beside),
    ]
    if evaluation.context:
        tables += [
            figures.context_overview(evaluation),
            figures.negation_table(evaluation),
            figures.invariance_table(evaluation),
        ]
    tables.append(figures.calibration_table(evaluation, predictor.manifest["temperatures"]))
    return "\n\n".join(filter(None, tables))


def write_predictions(path: Path, evaluation: Evaluation) -> None:
    """One JSON line a review, in order: text, true label, corpus, source, and the prediction as it is served."""
    with path.open("w", encoding="utf-8") as file:
        for review, prediction in zip(evaluation.reviews, evaluation.predictions, strict=True):
            row = {
                "text": review.text,
                "true_label": LABELS[review.label or 0],
                "corpus": review.corpus,
                "source": review.source,
                "prediction": prediction.to_dict(),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _options(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description="Measures a model on labelled reviews; writes report.md and its pictures beside it.",
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--name", default="default", help="folder under artifacts/ (default: default)")
    model.add_argument("--model", type=Path, metavar="PATH", help="a sentiment.pt anywhere")
    parser.add_argument("--split", choices=SPLITS, default="dev", help="what to measure on (default: dev)")
    parser.add_argument("--data", type=Path, help="a labelled file of your own, as training takes it")
    parser.add_argument("--text-column", default="text", help="its column of texts (default: text)")
    parser.add_argument("--label-column", default="label", help="its column of labels (default: label)")
    parser.add_argument("--data-dir", type=Path, help="folder of the corpora (default: $DATA_DIR, else data)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--no-baseline", action="store_true", help="leave tf-idf + logistic regression out")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="write every prediction here, as JSON lines")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
