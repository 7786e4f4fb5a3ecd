"""What the clients of bench/serve.py send: real reviews of train and dev splits, drawn by chance with a seed."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.text import Tokenizer
from training.corpora import load_corpora
from training.splits import DEV

SHORT = 24  # tokens
TEXTS = 2_000  # of each kind: more than any cache of a server would be expected to hold by accident
CORPORA = ("imdb", "online_shopping")
_SEED = 6


@dataclass(frozen=True)
class Texts:
    """`short` are English reviews cut to SHORT tokens; `mixed` are whole ones of CORPORA in turn; `long` whole English
    ones of IMDB."""

    short: list[str]
    mixed: list[str]
    long: list[str]


def load_texts(tokenizer: Tokenizer, count: int = TEXTS) -> Texts:
    """At most `count` texts of each kind, from dev splits, the same each time.

    Raises MissingCorpusError where a corpus is neither under DATA_DIR nor to be had.
    """
    corpora = load_corpora(CORPORA, progress=True)
    english, chinese = ([review.text for review in corpora.select(DEV, [name])] for name in CORPORA)
    for texts in (english, chinese):
        random.Random(_SEED).shuffle(texts)
    short = [cut for text in english if (cut := cut_to(text, SHORT, tokenizer))]
    mixed = [text for pair in zip(english, chinese, strict=False) for text in pair]
    return Texts(short[:count], mixed[:count], english[:count])


def cut_to(text: str, tokens: int, tokenizer: Tokenizer) -> str | None:
    """The first words of `text`, as many as make exactly `tokens` tokens; None where no number of words does."""
    words = text.split()
    starts = [" ".join(words[:count]) for count in range(1, min(len(words), tokens) + 1)]
    counts = [len(ids) for ids in tokenizer.ids(starts)]
    return starts[counts.index(tokens)] if tokens in counts else None


def bodies(texts: Sequence[str]) -> list[bytes]:
    """A body of POST /predict for each text."""
    return [json.dumps({"text": text}, ensure_ascii=False).encode() for text in texts]


def request(body: bytes, port: int) -> bytes:
    """The whole POST /predict, as it goes over the wire."""
    head = (
        f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def mean_length(sequences: Iterable[Sequence[int]]) -> float:
    """Mean number of tokens."""
    lengths = [len(one) for one in sequences]
    return sum(lengths) / len(lengths)
