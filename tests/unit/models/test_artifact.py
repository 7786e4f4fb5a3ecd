"""The file: what is written comes back; what is not ours, or does not fit, is refused with a reason."""

import io
import itertools
import json
import zipfile
from pathlib import Path

import pytest
import torch

from models import artifact
from models.artifact import ArtifactError
from models.classifier import Architecture, SentimentClassifier
from models.labels import LABELS
from models.recurrence import RECURRENCES
from models.text import Tokenizer

IDS = torch.tensor([[3, 4, 5, 6, 7], [8, 9, 0, 0, 0]])
LENGTHS = torch.tensor([5, 2])


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(["the film is good, the food is bad, 我不喜欢"] * 5, 200)


def classifier(
    tokenizer: Tokenizer, encoder: str = "lstm", layers: int = 1, directions: int = 2
) -> SentimentClassifier:
    torch.manual_seed(1)
    shape = Architecture(tokenizer.size, 6, encoder, 5, layers, directions, head_dropout=0.5)
    return SentimentClassifier(shape)


def manifest(network: SentimentClassifier) -> dict[str, object]:
    return {
        "name": "test",
        "encoder": {"vocabulary_size": network.embedding.num_embeddings},
        "max_tokens": 20,
        "temperatures": {"en": 1.5},
        "languages": ["en", "zh"],
        "note": "kept",
    }


@pytest.fixture
def path(tokenizer: Tokenizer, tmp_path: Path) -> Path:
    network = classifier(tokenizer)
    artifact.save(tmp_path / "sentiment.pt", network, tokenizer, manifest(network))
    return tmp_path / "sentiment.pt"


@pytest.mark.parametrize(("encoder", "layers", "directions"), list(itertools.product(RECURRENCES, (1, 2), (1, 2))))
def test_reloaded_equals_eager(
    tokenizer: Tokenizer, tmp_path: Path, encoder: str, layers: int, directions: int
) -> None:
    network = classifier(tokenizer, encoder, layers, directions).half().float()  # as it is stored
    artifact.save(tmp_path / "a.pt", network, tokenizer, manifest(network))
    loaded = artifact.load(tmp_path / "a.pt", "cpu")
    network.eval()
    torch.testing.assert_close(loaded.module(IDS, LENGTHS), network(IDS, LENGTHS), atol=1e-6, rtol=0)
    for ours, theirs in zip(loaded.module.states(IDS, LENGTHS), network.states(IDS, LENGTHS), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


def test_manifest_and_tokenizer_come_back(path: Path, tokenizer: Tokenizer) -> None:
    loaded = artifact.load(path, "cpu")
    assert loaded.manifest["note"] == "kept"
    assert loaded.manifest["labels"] == list(LABELS)
    assert len(loaded.manifest["version"]) == 8
    assert loaded.tokenizer.to_json() == tokenizer.to_json()


def test_saving_leaves_the_classifier_training_in_full_precision(tokenizer: Tokenizer, tmp_path: Path) -> None:
    network = classifier(tokenizer)
    artifact.save(tmp_path / "a.pt", network, tokenizer, manifest(network))
    assert network.training
    assert network.head.weight.dtype == torch.float32


def test_the_version_follows_weights_and_temperatures_alone(tokenizer: Tokenizer, tmp_path: Path) -> None:
    network = classifier(tokenizer)
    fields = manifest(network)
    first = artifact.save(tmp_path / "a.pt", network, tokenizer, fields)["version"]
    assert artifact.save(tmp_path / "b.pt", network, tokenizer, fields | {"note": "another"})["version"] == first
    assert (
        artifact.save(tmp_path / "c.pt", network, tokenizer, fields | {"temperatures": {"en": 2.0}})["version"] != first
    )
    with torch.no_grad():
        network.head.bias += 1
    assert artifact.save(tmp_path / "d.pt", network, tokenizer, fields)["version"] != first


def test_fields_are_added_without_another_version(path: Path) -> None:
    before = artifact.load(path, "cpu")
    written = artifact.add_to_manifest(path, figures={"accuracy": 1})
    after = artifact.load(path, "cpu")
    assert after.manifest == written == before.manifest | {"figures": {"accuracy": 1}}
    assert torch.equal(after.module(IDS, LENGTHS), before.module(IDS, LENGTHS))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no model could be read at .*none\.pt: No such file.*make train"):
        artifact.load(tmp_path / "none.pt")


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_artifact(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(ArtifactError, match="no Undertone artifact"):
        artifact.load(tmp_path / "a.pt")


def test_a_file_cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ArtifactError, match="no Undertone artifact"):
        artifact.load(path)


def test_a_pickle_is_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save(Trap(), tmp_path / "a.pt")
    with pytest.raises(ArtifactError):
        artifact.load(tmp_path / "a.pt")
    assert not (tmp_path / "sprung").exists()


def test_another_hash(path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"has SHA-256 [0-9a-f]{64}, expected 00"):
        artifact.load(path, sha256="00" * 32)


def rewrite(path: Path, name: str, text: str) -> None:
    """The same archive with one member's content changed."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, text if member.endswith(name) else content)
    path.write_bytes(buffer.getvalue())


def test_another_format_version(path: Path) -> None:
    rewrite(path, "extra/manifest.json", json.dumps({"format": 99}))
    with pytest.raises(ArtifactError, match="format version 99; this release reads version 1"):
        artifact.load(path)


def test_other_labels(path: Path) -> None:
    fields = artifact.load(path, "cpu").manifest | {"labels": ["bad", "good"]}
    rewrite(path, "extra/manifest.json", json.dumps(fields))
    with pytest.raises(ArtifactError, match=r"labels \['bad', 'good'\], expected"):
        artifact.load(path)


def test_a_tokenizer_of_another_model(path: Path) -> None:
    rewrite(path, "extra/tokenizer.json", Tokenizer.train(["one two three"] * 5, 100).to_json())
    with pytest.raises(ArtifactError, match="not written together"):
        artifact.load(path)


@pytest.mark.parametrize("device", ["gpu", "tpu:0", "meta"])
def test_an_unknown_device(path: Path, device: str) -> None:
    with pytest.raises(ArtifactError, match="expected auto, cpu, cuda"):
        artifact.load(path, device)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there(path: Path) -> None:
    with pytest.raises(ArtifactError, match="sees 0 GPUs here"):
        artifact.load(path, "cuda:0")
