"""Where embeddings start: trained in-domain on all training text, or read from a GloVe or fastText file."""

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from torch import Tensor
from torchtext.vocab import Vectors
from tqdm import tqdm

from models.text import PAD, UNKNOWN, Tokenizer


class _Progress(CallbackAny2Vec):
    """One bar over the passes."""

    def __init__(self, epochs: int) -> None:
        self.bar = tqdm(total=epochs, desc="embeddings", unit="pass", disable=None)

    def on_epoch_end(self, model: Word2Vec) -> None:
        self.bar.update()

    def on_train_end(self, model: Word2Vec) -> None:
        self.bar.close()


class _Sentences:
    """Token ids as gensim wants them: lists of strings, any number of times."""

    def __init__(self, ids: Sequence[Sequence[int]]) -> None:
        self.ids = ids

    def __iter__(self) -> Iterator[list[str]]:
        return ([str(token) for token in one] for one in self.ids)


def train_in_domain(
    ids: Sequence[Sequence[int]], vocabulary_size: int, embedding_size: int, epochs: int, seed: int
) -> Tensor:
    """Skip-gram with negative sampling (Mikolov et al. 2013) over token ids -> (vocabulary_size, E).

    Rows of tokens seen less than three times are small random numbers. Scaled to a standard deviation of 0.1, the
    spread that the network's own start has. One thread, since several would make every run differ.
    """
    model = Word2Vec(
        _Sentences(ids),
        vector_size=embedding_size,
        window=5,
        min_count=3,
        sg=1,
        negative=5,
        sample=1e-4,
        epochs=epochs,
        workers=1,
        seed=seed,
        callbacks=[_Progress(epochs)],
    )
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(vocabulary_size, embedding_size, generator=generator) * 0.1
    rows = torch.tensor([int(token) for token in model.wv.index_to_key])
    weights[rows] = _scaled(torch.from_numpy(model.wv.vectors))
    weights[PAD] = 0
    return weights


def read_vectors(path: Path, tokenizer: Tokenizer, embedding_size: int) -> tuple[Tensor, float]:
    """Reads pretrained vectors in text form -> (vocabulary_size, E), and the share of the vocabulary that they cover.

    A piece inside a word ("##ing") takes the vector of its letters. Raises ValueError where the file cannot be read or
    its size is another.
    """
    if not path.is_file():
        raise ValueError(
            f"there is no file of vectors at {path}; give embeddings.file the path of a GloVe or fastText file"
        )
    trusting = ssl._create_default_https_context
    try:
        # torchtext keeps a copy of what it read, which would outlive a change of the file: it goes with the folder.
        with TemporaryDirectory() as cache:
            vectors = Vectors(str(path), cache=cache)
    except (RuntimeError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} is no text file of vectors ({error}); expected a word and its numbers on each line"
        ) from None
    finally:
        ssl._create_default_https_context = trusting  # torchtext 0.6 switches the whole process's checks off
    if vectors.dim != embedding_size:
        raise ValueError(
            f"{path} holds vectors of size {vectors.dim}, but the recipe's embedding_size is {embedding_size}; "
            "make them equal"
        )
    weights = torch.randn(tokenizer.size, embedding_size, generator=torch.Generator().manual_seed(0)) * 0.1
    pieces = [tokenizer.piece(token).removeprefix("##") for token in range(tokenizer.size)]
    covered = [token for token, piece in enumerate(pieces) if piece in vectors.stoi and token not in (PAD, UNKNOWN)]
    if covered:
        weights[covered] = _scaled(vectors.vectors[[vectors.stoi[pieces[token]] for token in covered]])
    weights[PAD] = 0
    return weights, len(covered) / tokenizer.size


def _scaled(vectors: Tensor) -> Tensor:
    return (vectors - vectors.mean(0)) * (0.1 / vectors.std())
