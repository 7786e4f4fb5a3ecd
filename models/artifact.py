"""The artifact: one TorchScript file with the network, its tokenizer and its manifest. The only user of torch.jit.

Inside the file stand `manifest.json` and `tokenizer.json`. Weights are stored in half precision and widened at load,
so that the file is half as large; what is measured is measured after that.
"""

import hashlib
import io
import json
import os
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.classifier import SentimentClassifier
from models.labels import LABELS
from models.text import Tokenizer

FORMAT = 1
"""Version of this layout; a file of another is refused."""

_MANIFEST, _TOKENIZER = "manifest.json", "tokenizer.json"
_REQUIRED = ("name", "labels", "encoder", "max_tokens", "temperatures", "languages")


class ArtifactError(RuntimeError):
    """A file that cannot be served. The message says what was expected, what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A loaded artifact: `module` with `forward(ids, lengths)` and `states(ids, lengths)`, in eval mode."""

    module: torch.jit.ScriptModule
    tokenizer: Tokenizer
    manifest: dict[str, Any]
    device: torch.device


def save(path: Path, classifier: SentimentClassifier, tokenizer: Tokenizer, manifest: dict[str, Any]) -> dict[str, Any]:
    """Writes the artifact; it appears under its name only when whole.

    Parameters: `manifest` needs name, encoder (the Architecture as a dict), max_tokens, temperatures and languages;
    all else in it is kept. Returns the manifest as written, with `format`, `labels` and `version`, the first 8 hex
    digits of the SHA-256 over weights, tokenizer and all that shapes an answer.
    """
    tokenizer_json = tokenizer.to_json()
    written = {"format": FORMAT, "labels": list(LABELS)} | manifest
    missing = [key for key in _REQUIRED if key not in written]
    if missing:
        raise ValueError(f"the manifest lacks {', '.join(missing)}")
    digest = hashlib.sha256(tokenizer_json.encode())
    digest.update(json.dumps([written[key] for key in _REQUIRED], sort_keys=True).encode())
    for name, weight in sorted(classifier.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().half().contiguous().numpy().tobytes())
    written["version"] = digest.hexdigest()[:8]

    training = classifier.training
    classifier.eval()
    with _deprecation_known():
        torch.jit.export(SentimentClassifier.states)
        buffer = io.BytesIO()
        torch.jit.save(torch.jit.script(classifier), buffer)
        buffer.seek(0)
        # Through memory, so that halving the copy leaves the classifier as it was.
        _write(path, torch.jit.load(buffer, map_location="cpu").half(), tokenizer_json, written)
    classifier.train(training)
    return written


def add_to_manifest(path: Path, **fields: Any) -> dict[str, Any]:
    """Writes the artifact at `path` again with more fields in its manifest; weights and version stay.

    Returns the manifest as written. Raises ArtifactError where `path` is no artifact.
    """
    manifest, tokenizer = _read_extras(path, _content(path))
    written = manifest | fields
    with _deprecation_known():
        _write(path, torch.jit.load(str(path), map_location="cpu"), tokenizer.to_json(), written)
    return written


def load(path: str | Path, device: str = "auto", sha256: str | None = None) -> Artifact:
    """Reads an artifact onto `device`: `auto` (a GPU where there is one), `cpu`, `cuda` or `cuda:N`.

    `sha256`: hex digest that the file must have. Raises ArtifactError where anything is not as it should be.
    """
    path = Path(path)
    content = _content(path)
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256.strip().lower():
        raise ArtifactError(
            f"{path} has SHA-256 {found}, expected {sha256}. Put the expected file there, or change "
            "UNDERTONE_MODEL_SHA256"
        )
    manifest, tokenizer = _read_extras(path, content)
    place = choose_device(device)
    with _deprecation_known():
        try:
            module = torch.jit.load(io.BytesIO(content), map_location=place)
        except RuntimeError as error:
            raise ArtifactError(
                f"{path} holds no TorchScript that torch {torch.__version__} can read ({_first_line(error)}). "
                "Write it again with `make train`"
            ) from None
    module.float().eval()
    if place.type == "cuda":
        torch.backends.cudnn.allow_tf32 = False  # its 10 bits of mantissa would answer differently from a CPU
    _check_fit(path, module, manifest, tokenizer)
    return Artifact(module, tokenizer, manifest, place)


def choose_device(device: str) -> torch.device:
    """`auto`, `cpu`, `cuda` or `cuda:N` -> a device that exists. Raises ArtifactError where it doesn't."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        place = torch.device(device)
    except RuntimeError:
        place = None
    if place is None or place.type not in ("cpu", "cuda"):
        raise ArtifactError(f"device is {device!r}; expected auto, cpu, cuda or cuda:N") from None
    if place.type == "cuda" and (place.index or 0) >= torch.cuda.device_count():
        raise ArtifactError(
            f"device is {device!r}, but torch {torch.__version__} sees {torch.cuda.device_count()} GPUs here. "
            "Use cpu or auto, or install the CUDA build of torch (TORCH_INDEX_URL) and check the driver"
        )
    return place


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"no model could be read at {path}: {error.strerror}. Give the path of a sentiment.pt "
            "(UNDERTONE_MODEL or --model), or make one with `make train`"
        ) from None


def _read_extras(path: Path, content: bytes) -> tuple[dict[str, Any], Tokenizer]:
    """Manifest and tokenizer, read as plain zip members before any of the file is run."""
    texts: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                name = member.rsplit("/", 1)[-1]
                if name in (_MANIFEST, _TOKENIZER) and "/extra/" in member:
                    texts[name] = archive.read(member).decode("utf-8")
        manifest = json.loads(texts[_MANIFEST])
        tokenizer = Tokenizer.from_json(texts[_TOKENIZER])
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError) as error:
        raise ArtifactError(
            f"{path} is no Undertone artifact ({len(content):,} bytes; {_first_line(error)}). Expected a TorchScript "
            f"file with {_MANIFEST} and {_TOKENIZER} inside, whole, as `make train` writes it"
        ) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        got = manifest.get("format") if isinstance(manifest, dict) else None
        raise ArtifactError(
            f"{path} has format version {got!r}; this release reads version {FORMAT}. Use the release that wrote it, "
            "or train again"
        )
    missing = [key for key in (*_REQUIRED, "version") if key not in manifest]
    if missing:
        raise ArtifactError(
            f"the manifest in {path} lacks {', '.join(missing)}. Write the artifact again with `make train`"
        )
    return manifest, tokenizer


def _check_fit(path: Path, module: torch.jit.ScriptModule, manifest: dict[str, Any], tokenizer: Tokenizer) -> None:
    """The parts must belong together."""
    if manifest["labels"] != list(LABELS):
        raise ArtifactError(
            f"{path} has labels {manifest['labels']}, expected {list(LABELS)}. Train again with these labels"
        )
    rows = dict(module.named_parameters())["embedding.weight"].size(0) if hasattr(module, "embedding") else 0
    if rows != tokenizer.size:
        raise ArtifactError(
            f"{path} has an embedding of {rows} rows but a tokenizer of {tokenizer.size} ids: they were not "
            "written together. Write the artifact again with `make train`"
        )
    if not hasattr(module, "states"):
        raise ArtifactError(f"{path} exports no states(ids, lengths). Write the artifact again with `make train`")


def _write(path: Path, module: torch.jit.ScriptModule, tokenizer_json: str, manifest: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    extra = {_MANIFEST: json.dumps(manifest, ensure_ascii=False, indent=1), _TOKENIZER: tokenizer_json}
    torch.jit.save(module, str(partial), _extra_files=extra)
    os.replace(partial, path)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


@contextmanager
def _deprecation_known() -> Iterator[None]:
    """torch.jit says at each call that it is deprecated; docs/architecture.md says why it is used."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"`torch\.jit\.", category=DeprecationWarning)
        yield
