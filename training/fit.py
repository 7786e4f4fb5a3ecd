"""From reviews to artifacts/NAME/sentiment.pt: vocabulary, embeddings, training, calibration, export."""

import csv
import time
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from models import artifact
from models.artifact import choose_device
from models.classifier import Architecture, SentimentClassifier
from models.predictor import Predictor
from models.text import Tokenizer
from training import checkpoint, embeddings
from training.calibration import fit_by_language
from training.corpora import TWO_CLASS, Corpora
from training.examples import Examples, distilled, encode, one_hot, texts_for_vocabulary, texts_of, token_ids
from training.fingerprints import fingerprint_of, fingerprint_of_language
from training.judging import predict_logits
from training.loop import Loop, TrainingError
from training.pretrain import Pretraining
from training.progress import Progress
from training.readers.reading import sha256_of
from training.readers.written import ROOT
from training.recipe import Recipe
from training.splits import CALIBRATION, SPLITS, TRAIN
from training.teacher import FILE, TAUGHT, Teacher

_TOKENIZER = "checkpoint-tokenizer.json"
CHECKPOINTS = ("pretraining.pt", "checkpoint.pt")
"""What a killed run leaves in its folder, in the order in which it does."""


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
    began = time.monotonic()
    pretrains = recipe.pretraining is not None and start is None
    resumable = CHECKPOINTS if pretrains else CHECKPOINTS[-1:]
    if resume and not any((folder / name).exists() for name in resumable):
        print(f"{folder} holds no checkpoint yet: starting from the beginning, which leads to the same result")
        resume = False
    tokenizer = _tokenizer(recipe, corpora, folder, start, resume)
    teacher = _teacher(recipe, corpora)
    sets = _sets(recipe, corpora, tokenizer, teacher)
    if not len(sets["train"]) or not len(sets["dev"]):
        raise TrainingError(
            f"{len(sets['train']):,} training and {len(sets['dev']):,} dev reviews were read; both are needed. "
            "Name corpora in the recipe, or give more rows with --data"
        )
    nowhere = [name for name in recipe.corpora if recipe.largest_share(name) and name not in sets["train"].corpora]
    if nowhere:
        raise TrainingError(
            f"[corpora] names {', '.join(nowhere)}, of which no training review was read; leave them out, or name what "
            "they are made of (sentences are those of other corpora, starter needs starter_sentences)"
        )
    print(f"{tokenizer.size:,} token ids; " + "; ".join(f"{name} {len(rows):,}" for name, rows in sets.items()))

    if recipe.training[0].keep and start is None:
        raise TrainingError(
            f"keep is {recipe.training[0].keep} in the first stage of [[training]], which begins with random weights; "
            "keep them where a stage follows another, or a run starts from a model (--from)"
        )
    if not resume:  # nothing can be wrong with the recipe any more: what an earlier run left may go
        for name in CHECKPOINTS:
            (folder / name).unlink(missing_ok=True)
        if start is None:
            (folder / _TOKENIZER).write_text(tokenizer.to_json(), encoding="utf-8")
    fingerprint = fingerprint_of(recipe, tokenizer, sets, start)
    torch.manual_seed(recipe.seed)
    classifier, architecture = _classifier(recipe, corpora, tokenizer, start, resume)
    pretraining = None
    if recipe.pretraining and pretrains:  # one that is done is restored, and says its perplexity
        texts, held_out = (
            token_ids(list(texts_of(corpora.reviews, split)), tokenizer, recipe.text.max_tokens)
            for split in (TRAIN, CALIBRATION)
        )
        known = fingerprint_of_language(recipe, tokenizer, texts)
        pretraining = Pretraining(
            classifier, architecture, texts, held_out, recipe.pretraining, recipe.seed, place, folder, known
        )
        perplexities = pretraining.run(resume)
        directions = zip(("forward", "backward"), perplexities, strict=False)
        said = " and ".join(f"{one:.1f} {direction}" for direction, one in directions)
        print(f"language model: perplexity {said or 'unknown, without calibration texts'}")
    elif recipe.pretraining:
        print("the starting model has its language already: [pretraining] is left out")
    loop = Loop(
        classifier, sets["train"], sets["dev"], recipe.corpora, recipe.training, recipe.seed, place, folder, fingerprint
    )
    stopped = folder / CHECKPOINTS[-1]
    resume_training = resume and stopped.exists()
    if resume_training and pretraining and not checkpoint.is_of(stopped, fingerprint):
        print(
            "the language model is that of this recipe, the rest is not: training proper starts from the language model"
        )
        resume_training = False
    progress = loop.run(resume_training)
    before_resume = loop.seconds_before + (pretraining.seconds_before if pretraining else 0.0)
    _write_metrics(folder / "metrics.csv", progress)

    # Calibrated on the halved weights, since those are served.
    classifier.to("cpu").half().float()
    temperatures = _temperatures(classifier, sets["calibration"])
    learned = {review.language for review in corpora.select("train", labelled=True)} & {"en", "zh"}
    # A model that is tuned on one language still knows the other, and a few rows calibrate nothing.
    before = start.manifest if start else {"temperatures": {}, "languages": []}
    manifest: dict[str, Any] = {
        "name": folder.name,
        "encoder": architecture.to_dict(),
        "max_tokens": recipe.text.max_tokens,
        "temperatures": before["temperatures"] | temperatures,
        "languages": sorted(learned | set(before["languages"])),
        "recipe": recipe.model_dump(mode="json"),
        "data": corpora.to_manifest(),
        "training": {
            "from": start.version if start else None,
            "minutes": round((time.monotonic() - began + before_resume) / 60, 1),
            "epochs": progress.epoch,
            "stages": progress.epochs_of_stages,
            "perplexities": perplexities if pretraining else None,
            "best_epoch": progress.best_epoch + 1,
            "best_dev_macro_f1": progress.best_macro_f1,
            "device": place.type,
            "threads": torch.get_num_threads(),
            "teacher": teacher.figures if teacher else None,
        },
        "libraries": {package: version(package) for package in ("torch", "tokenizers", "gensim", "scikit-learn")},
        "date": datetime.now(UTC).date().isoformat(),
    }
    if recipe.distillation and teacher:
        path = recipe.distillation.teacher or FILE
        shown = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        manifest["data"]["files"].append({"path": shown, "sha256": sha256_of(path), "rows": len(teacher.logits)})
    path = folder / "sentiment.pt"
    artifact.save(path, classifier, tokenizer, manifest)
    return path


def _teacher(recipe: Recipe, corpora: Corpora) -> Teacher | None:
    """What the recipe learns from beside labels; says of how many reviews it knows something."""
    if recipe.distillation is None:
        if recipe.largest_share("imdb_unlabelled"):
            raise TrainingError("[corpora] names imdb_unlabelled, which only a teacher can label; add [distillation]")
        return None
    path = recipe.distillation.teacher or FILE
    if not path.exists():
        raise TrainingError(f"there is no teacher at {path}; `make teacher` writes one, or leave [distillation] out")
    teacher = Teacher.read(path)
    asked = [review for review in corpora.select(TRAIN) if review.corpus in TWO_CLASS]
    known = sum(teacher.positive(review) is not None for review in asked)
    if not known:
        raise TrainingError(
            f"the teacher at {path} knows none of the {len(asked):,} reviews that it could teach; name in [corpora] "
            f"what it was asked about ({', '.join(TAUGHT)}), make another (`make teacher`), or leave [distillation] out"
        )
    print(f"the teacher knows {known:,} of {len(asked):,} reviews")
    return teacher


def _sets(recipe: Recipe, corpora: Corpora, tokenizer: Tokenizer, teacher: Teacher | None) -> dict[str, Examples]:
    """The reviews of each split as the network reads them, and what those that train are to teach."""
    target = one_hot
    if teacher is not None and recipe.distillation is not None:
        target = partial(distilled, teacher=teacher, hard=recipe.distillation.hard)
    # Nothing is chosen by the probes: they are there to be measured on alone.
    return {
        split: encode(
            [review for review in corpora.select(split) if review.corpus != "probes"],
            tokenizer,
            recipe.text.max_tokens,
            target if split == TRAIN else one_hot,
        )
        for split in SPLITS
    }


def _temperatures(classifier: SentimentClassifier, calibration: Examples) -> dict[str, float]:
    """One for each language. Labelled sentences were chosen for being hard, and would speak for no review."""
    rows = [index for index, corpus in enumerate(calibration.corpora) if corpus != "sentences"]
    logits = predict_logits(classifier, calibration, torch.device("cpu"))[rows]
    labels = torch.tensor(calibration.labels, dtype=torch.long)[rows]
    return fit_by_language(logits, labels, [calibration.languages[index] for index in rows])


def _tokenizer(recipe: Recipe, corpora: Corpora, folder: Path, start: Predictor | None, resume: bool) -> Tokenizer:
    """The starting model's, the stopped run's, or a new one from training text."""
    if start is not None:
        return start.tokenizer
    if resume:
        return Tokenizer.from_json((folder / _TOKENIZER).read_text(encoding="utf-8"))
    began = time.monotonic()
    tokenizer = Tokenizer.train(texts_for_vocabulary(corpora.reviews), recipe.text.vocabulary_size)
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
        texts = list(texts_of(corpora.reviews, TRAIN))
        ids = [one for begin in range(0, len(texts), 4096) for one in tokenizer.ids(texts[begin : begin + 4096])]
        print(f"embeddings from {sum(map(len, ids)):,} tokens of {len(ids):,} texts")
        return embeddings.train_in_domain(ids, tokenizer.size, size, settings.epochs, recipe.seed)
    return None


def _write_metrics(path: Path, progress: Progress) -> None:
    columns = ["stage", "epoch", "step", "split", "loss", "macro_f1", "tokens_per_second"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(progress.history)
