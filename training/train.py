"""From reviews to artifacts/NAME/sentiment.pt: `make train`, or

python -m training.train                                          the default model, from the corpora
python -m training.train --recipe starter --name starter          offline, on generated sentences alone
python -m training.train --name mine --data reviews.csv           the corpora and a file of your own
python -m training.train --recipe finetune --from artifacts/default --name mine --data reviews.csv
python -m training.train --resume                                 goes on after a kill
"""

import argparse
import csv
import hashlib
import io
import json
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from models import artifact
from models.artifact import ArtifactError, choose_device
from models.classifier import Architecture, SentimentClassifier
from models.predictor import Predictor
from models.text import Tokenizer
from training import embeddings
from training.baseline import baseline
from training.calibration import fit_by_language
from training.checkpoint import CheckpointError
from training.corpora import Corpora
from training.download import MissingCorpusError
from training.evaluation import evaluate
from training.examples import Examples, encode, texts_for_vocabulary
from training.gather import gather
from training.loop import Loop, Progress, TrainingError, predict_logits
from training.readers.table import TableError, read_table
from training.recipe import Recipe, RecipeError, read_recipe
from training.report import write_report

ARTIFACTS = Path("artifacts")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when an artifact was written, 1 with one line on standard error otherwise."""
    options = _options(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a log file shows each line when it is written
    try:
        recipe = read_recipe(options.recipe)
        user = read_table(options.data, options.text_column, options.label_column) if options.data else None
        corpora = gather(recipe, options.data_dir, user)
        for note in [*corpora.notes, *map(str, corpora.problems[:20])]:
            print(f"note: {note}")
        path = fit(recipe, corpora, ARTIFACTS / options.name, options.device, options.start_from, options.resume)
        command = shlex.join(["python", "-m", "training.train", *(sys.argv[1:] if arguments is None else arguments)])
        measure(path, corpora, command, options.device, with_baseline=not options.no_baseline)
    except (
        RecipeError,
        TableError,
        MissingCorpusError,
        CheckpointError,
        TrainingError,
        ArtifactError,
        ValueError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; --resume goes on from the last checkpoint", file=sys.stderr)
        return 130
    return 0


def fit(
    recipe: Recipe,
    corpora: Corpora,
    folder: Path,
    device: str = "auto",
    start_from: Path | None = None,
    resume: bool = False,
) -> Path:
    """Trains by `recipe` on `corpora` and writes `folder`/sentiment.pt and metrics.csv; the folder names the model.

    Parameters: `start_from`, folder of an artifact whose vocabulary and weights to start from; `resume`, go on from
    the checkpoint in `folder`. Returns the artifact's path. Raises TrainingError, CheckpointError, ArtifactError.
    """
    place = choose_device(device)
    folder.mkdir(parents=True, exist_ok=True)
    start = Predictor.load(start_from / "sentiment.pt", "cpu") if start_from else None
    tokenizer = _tokenizer(recipe, corpora, folder, start, resume)
    sets = {
        split: encode(corpora.select(split, labelled=True), tokenizer, recipe.text.max_tokens)
        for split in ("train", "dev", "calibration")
    }
    if not len(sets["train"]) or not len(sets["dev"]):
        raise TrainingError(
            f"{len(sets['train']):,} training and {len(sets['dev']):,} dev reviews were read; both are needed. "
            "Name corpora in the recipe, or give more rows with --data"
        )
    print(f"{tokenizer.size:,} token ids; " + "; ".join(f"{name} {len(rows):,}" for name, rows in sets.items()))

    fingerprint = _fingerprint(recipe, tokenizer, sets)
    torch.manual_seed(recipe.seed)
    classifier, architecture = _classifier(recipe, corpora, tokenizer, start, resume)
    loop = Loop(
        classifier, sets["train"], sets["dev"], recipe.corpora, recipe.training, recipe.seed, place, folder, fingerprint
    )
    progress = loop.run(resume)
    _write_metrics(folder / "metrics.csv", progress)

    # Calibrated on the halved weights, since those are served.
    classifier.to("cpu").half().float()
    logits = predict_logits(classifier, sets["calibration"], torch.device("cpu"))
    languages = [review.language for review in corpora.select("calibration", labelled=True)]
    manifest = {
        "name": folder.name,
        "encoder": architecture.to_dict(),
        "max_tokens": recipe.text.max_tokens,
        "temperatures": fit_by_language(logits, torch.tensor(sets["calibration"].labels, dtype=torch.long), languages),
        "languages": sorted({review.language for review in corpora.select("train", labelled=True)} & {"en", "zh"}),
        "recipe": recipe.model_dump(mode="json"),
        "data": corpora.to_manifest(),
        "training": {
            "from": start.version if start else None,
            "minutes": round(progress.seconds / 60, 1),
            "epochs": progress.epoch,
            "best_epoch": progress.best_epoch + 1,
            "best_dev_macro_f1": progress.best_macro_f1,
            "device": place.type,
            "threads": torch.get_num_threads(),
        },
        "libraries": {package: version(package) for package in ("torch", "tokenizers", "gensim", "scikit-learn")},
        "date": datetime.now(UTC).date().isoformat(),
    }
    path = folder / "sentiment.pt"
    artifact.save(path, classifier, tokenizer, manifest)
    return path


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


def _tokenizer(recipe: Recipe, corpora: Corpora, folder: Path, start: Predictor | None, resume: bool) -> Tokenizer:
    """The starting model's, the stopped run's, or a new one from training text."""
    path = folder / "checkpoint-tokenizer.json"
    if start is not None:
        return start.tokenizer
    if resume:
        try:
            return Tokenizer.from_json(path.read_text(encoding="utf-8"))
        except OSError:
            raise CheckpointError(f"there is no {path} to go on with; start without --resume") from None
    began = time.monotonic()
    tokenizer = Tokenizer.train(texts_for_vocabulary(corpora.reviews), recipe.text.vocabulary_size)
    path.write_text(tokenizer.to_json(), encoding="utf-8")
    print(f"vocabulary of {tokenizer.size:,} ids in {time.monotonic() - began:.0f} s")
    return tokenizer


def _classifier(
    recipe: Recipe, corpora: Corpora, tokenizer: Tokenizer, start: Predictor | None, resume: bool
) -> tuple[SentimentClassifier, Architecture]:
    network = recipe.network.model_dump()
    if start is not None:
        dropouts = {name: share for name, share in network.items() if name.endswith("dropout")}
        architecture = Architecture(**(start.manifest["encoder"] | dropouts))
        classifier = SentimentClassifier(architecture)
        classifier.load_state_dict(start.weights())
        return classifier, architecture
    architecture = Architecture(vocabulary_size=tokenizer.size, **network)
    classifier = SentimentClassifier(architecture)
    if not resume:  # a resumed run takes its embeddings from the checkpoint
        weights = _embeddings(recipe, corpora, tokenizer)
        if weights is not None:
            with torch.no_grad():
                classifier.embedding.weight.copy_(weights)
    return classifier, architecture


def _embeddings(recipe: Recipe, corpora: Corpora, tokenizer: Tokenizer) -> torch.Tensor | None:
    size, settings = recipe.network.embedding_size, recipe.embeddings
    if settings.start == "file" and settings.file is not None:
        weights, covered = embeddings.read_vectors(settings.file, tokenizer, size)
        print(f"{settings.file} covers {covered:.1%} of the vocabulary")
        return weights
    if settings.start == "in-domain":
        texts = list(texts_for_vocabulary(corpora.reviews))
        ids = [one for begin in range(0, len(texts), 4096) for one in tokenizer.ids(texts[begin : begin + 4096])]
        print(f"embeddings from {sum(map(len, ids)):,} tokens of {len(ids):,} texts")
        return embeddings.train_in_domain(ids, tokenizer.size, size, settings.epochs, recipe.seed)
    return None


def _fingerprint(recipe: Recipe, tokenizer: Tokenizer, sets: dict[str, Examples]) -> str:
    """Two runs of one fingerprint take the same steps."""
    digest = hashlib.sha256(recipe.model_dump_json().encode())
    digest.update(tokenizer.to_json().encode())
    for rows in sets.values():
        digest.update(json.dumps([rows.ids, rows.labels]).encode())
    return digest.hexdigest()


def _write_metrics(path: Path, progress: Progress) -> None:
    columns = ["epoch", "step", "split", "loss", "macro_f1", "tokens_per_second"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(progress.history)


def _options(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Trains a model and writes artifacts/NAME/: sentiment.pt, report.md, metrics.csv and pictures.",
    )
    parser.add_argument(
        "--recipe", default="default", help="name in training/recipes, or a .toml file (default: default)"
    )
    parser.add_argument("--name", default="default", help="folder under artifacts/ to write (default: default)")
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
