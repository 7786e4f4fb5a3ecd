"""From reviews to artifacts/NAME/sentiment.pt: `make train`, or

python -m training.train                                          the default model, from the corpora
python -m training.train --recipe starter --name starter          offline, on written and generated sentences
python -m training.train --name mine --data reviews.csv           the corpora and a file of your own
python -m training.train --recipe finetune --from artifacts/default --name mine --data reviews.csv
python -m training.train --resume                                 goes on after a kill
"""

import argparse
import io
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import artifact
from models.artifact import ArtifactError
from models.predictor import Predictor
from training.baseline import baseline
from training.checkpoint import CheckpointError
from training.corpora import Corpora
from training.download import MissingCorpusError
from training.evaluation import evaluate
from training.fit import fit
from training.gather import gather
from training.loop import TrainingError
from training.readers.table import read_table
from training.recipe import RecipeError, read_recipe
from training.report import write_report

ARTIFACTS = Path("artifacts")
_SHOWN_PROBLEMS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when an artifact was written, 1 with one line on standard error otherwise."""
    options = _options(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a log file shows each line when it is written
    try:
        recipe = read_recipe(options.recipe)
        user = read_table(options.data, options.text_column, options.label_column) if options.data else None
        corpora = gather(recipe, options.data_dir, user)
        _say(corpora)
        name = options.name or Path(options.recipe).stem
        path = fit(recipe, corpora, ARTIFACTS / name, options.device, options.start_from, options.resume)
        command = shlex.join(["python", "-m", "training.train", *(sys.argv[1:] if arguments is None else arguments)])
        measure(path, corpora, command, options.device, with_baseline=not options.no_baseline)
    except (
        RecipeError,
        MissingCorpusError,
        CheckpointError,
        TrainingError,
        ArtifactError,
        ValueError,
        OSError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; --resume (RESUME=1) goes on from the last checkpoint, if there was one", file=sys.stderr)
        return 130
    return 0


def measure(path: Path, corpora: Corpora, command: str, device: str = "auto", with_baseline: bool = True) -> Path:
    """Measures the artifact at `path` on dev, as it will be served; the figures go into its manifest, and `command`.

    Returns the report's path; it lies beside the artifact, with its pictures.
    """
    evaluation = evaluate(Predictor.load(path, device), corpora.select("dev", labelled=True))
    manifest = artifact.add_to_manifest(path, figures=evaluation.to_dict(), command=command)
    beside = (
        baseline(corpora.select("train", labelled=True), corpora.select("dev", labelled=True))
        if with_baseline
        else None
    )
    report = write_report(path.parent, manifest, evaluation, beside)
    print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB, version {manifest['version']}) and {report}")
    return report


def _say(corpora: Corpora) -> None:
    """What was left out of the corpora, in short; `python -m training.corpora --problems` lists it all."""
    for note in [*corpora.notes, *map(str, corpora.problems[:_SHOWN_PROBLEMS])]:
        print(f"note: {note}")
    if len(corpora.problems) > _SHOWN_PROBLEMS:
        counted = Counter(problem.corpus for problem in corpora.problems)
        rows = ", ".join(f"{corpus} {count:,}" for corpus, count in counted.items())
        print(f"note: {len(corpora.problems):,} bad rows in all: {rows}")


def _options(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Trains a model and writes artifacts/NAME/: sentiment.pt, report.md, metrics.csv and pictures.",
    )
    parser.add_argument(
        "--recipe", default="default", help="name in training/recipes, or a .toml file (default: default)"
    )
    parser.add_argument("--name", help="folder under artifacts/ to write (default: the recipe's name)")
    parser.add_argument("--data", type=Path, help="your own labelled reviews: CSV, TSV, JSONL or Parquet")
    parser.add_argument("--text-column", default="text", help="its column of texts (default: text)")
    parser.add_argument("--label-column", default="label", help="its column of labels (default: label)")
    parser.add_argument("--from", dest="start_from", type=Path, help="folder of an artifact to fine-tune")
    parser.add_argument("--data-dir", type=Path, help="folder of the corpora (default: $DATA_DIR, else data)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N (default: auto)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint of a run that was stopped")
    parser.add_argument(
        "--no-baseline", action="store_true", help="leave tf-idf + logistic regression out of the report"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
