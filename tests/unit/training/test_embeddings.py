"""Embeddings: in-domain neighbours, a GloVe file with its coverage, the same for the same seed."""

from pathlib import Path

import pytest
import torch

from models.text import PAD, Tokenizer
from training.embeddings import read_vectors, train_in_domain


def test_in_domain_vectors_are_the_same_for_the_same_seed_and_leave_padding_at_zero() -> None:
    ids = [[2, 3, 4, 5], [3, 4, 5, 6], [2, 6, 5, 4]] * 50
    first = train_in_domain(ids, vocabulary_size=9, embedding_size=8, epochs=2, seed=1)
    assert first.shape == (9, 8)
    assert torch.equal(first, train_in_domain(ids, 9, 8, 2, 1))
    assert not torch.equal(first, train_in_domain(ids, 9, 8, 2, 2))
    assert first[PAD].abs().sum() == 0
    assert (first[7:].abs().sum(1) > 0).all()  # never seen, but not nothing


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.train(["good film bad food"] * 5, 100)


def test_a_glove_file_gives_its_rows_and_its_coverage(tmp_path: Path, tokenizer: Tokenizer) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0 0\nbad -1 0 0\nfilm 0 1 0\nnever 0 0 1\n")
    weights, covered = read_vectors(path, tokenizer, 3)
    ((good, bad, film),) = tokenizer.ids(["good bad film"])
    assert weights.shape == (tokenizer.size, 3)
    assert torch.dot(weights[good] - weights[film], weights[bad] - weights[film]) != 0
    assert (weights[good] - weights[bad])[0] > 0
    assert covered == 3 / tokenizer.size
    assert [one.name for one in tmp_path.iterdir()] == ["vectors.txt"]


def test_a_fasttext_file_has_a_header_line(tmp_path: Path, tokenizer: Tokenizer) -> None:
    path = tmp_path / "vectors.vec"
    path.write_text("2 3\ngood 1 0 0\nbad -1 0 0\n")
    assert read_vectors(path, tokenizer, 3)[1] == 2 / tokenizer.size


def test_vectors_of_another_size_are_refused(tmp_path: Path, tokenizer: Tokenizer) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0 0 0\nbad 0 1 0 0\n")
    with pytest.raises(ValueError, match=r"size 4, but the recipe's embedding_size is 3"):
        read_vectors(path, tokenizer, 3)


@pytest.mark.parametrize("content", ["", "good\n", "good one two three\n"])
def test_what_is_no_file_of_vectors_is_refused(tmp_path: Path, tokenizer: Tokenizer, content: str) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match="no text file of vectors"):
        read_vectors(path, tokenizer, 3)


def test_a_file_that_is_not_there(tmp_path: Path, tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="no file of vectors at"):
        read_vectors(tmp_path / "none.txt", tokenizer, 3)
