"""A character language model on any text file: perplexity, speed, and what it writes by itself.

    python -m examples.char_lm --text timemachine.txt
    python -m examples.char_lm --text timemachine.txt --batches random --kind gru --hidden-size 256
    python -m examples.char_lm --text timemachine.txt --stepwise           # cell by cell, not torch's kernels
    python -m examples.char_lm --text timemachine.txt --inputs embedding   # ReLU of an embedding, summed before tanh
    python -m examples.char_lm --text timemachine.txt --clip 0             # what clipping is for
    python -m examples.char_lm --text poems.txt --keep-all --prefix 春眠

The text is put into lower case and every run of other characters than a to z becomes one space; `--keep-all` leaves it
as it is. Batches are 32 pieces of 35 characters. Random ones take the pieces in no order, each from a zero state.
Sequential ones cut the text into 32 strands and go along them side by side: a state is carried from piece to
piece and detached, so that it remembers further than the gradient reaches. Perplexity is exp of the mean
cross-entropy over an epoch, on the text that it learns: 1 is a text known by heart.
"""

import argparse
import math
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import torch
from matplotlib.ticker import LogFormatter, MaxNLocator
from torch import Tensor, nn
from tqdm import trange

from examples.running import parser, start, whole
from models.language_model import INPUTS, ONE_HOT, StreamLanguageModel
from models.recurrence import RECURRENCES

UNKNOWN = 0
BATCH, PIECE = 32, 35


@dataclass(frozen=True)
class Characters:
    """A text as numbers: `ids` (N,), and the characters that they stand for, from 1 on; 0 is unknown."""

    ids: Tensor
    characters: str

    def encode(self, text: str) -> list[int]:
        """Numbers of a text's characters; raises ValueError for one that the text never had."""
        for character in text:
            if character not in self.characters:
                raise ValueError(
                    f"the prefix has {character!r}, which the text never does; it has: {''.join(self.characters)!r}"
                )
        return [1 + self.characters.index(character) for character in text]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of numbers; unknown is �."""
        return "".join("\ufffd" if one == UNKNOWN else self.characters[one - 1] for one in ids)


def read(path: Path, characters: int, keep_all: bool) -> Characters:
    """The first `characters` of a UTF-8 text (0: all). Raises ValueError for a text too short for one batch."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 ({error}); convert it first") from None
    except OSError as error:
        raise ValueError(f"{path} could not be read: {error.strerror}") from None
    if not keep_all:
        text = re.sub("[^a-z]+", " ", text.lower()).strip()
    text = text[:characters] if characters else text
    if len(text) < (BATCH + 1) * PIECE:  # whatever place the first piece starts at
        hint = "" if keep_all else "; --keep-all keeps other characters than a to z"
        raise ValueError(f"{path} has {len(text):,} characters, fewer than one batch of {BATCH} × {PIECE} needs{hint}")
    known = "".join(sorted(set(text)))
    number = {character: index for index, character in enumerate(known, start=1)}
    return Characters(torch.tensor([number[character] for character in text]), known)


def random_batches(ids: Tensor, random: Random) -> Iterator[tuple[Tensor, Tensor]]:
    """Pieces (B,T) from random places, each once an epoch, and the same one character on."""
    offset = random.randrange(PIECE)
    places = list(range(offset, len(ids) - PIECE, PIECE))
    random.shuffle(places)
    for begin in range(0, len(places) - BATCH + 1, BATCH):
        chosen = places[begin : begin + BATCH]
        yield (
            torch.stack([ids[place : place + PIECE] for place in chosen]),
            torch.stack([ids[place + 1 : place + 1 + PIECE] for place in chosen]),
        )


def sequential_batches(ids: Tensor, random: Random) -> Iterator[tuple[Tensor, Tensor]]:
    """Pieces (B,T) along 32 strands of the text, so that each goes on where the one before it ended."""
    offset = random.randrange(PIECE)
    width = (len(ids) - 1 - offset) // BATCH
    inputs = ids[offset : offset + BATCH * width].view(BATCH, width)
    targets = ids[offset + 1 : offset + 1 + BATCH * width].view(BATCH, width)
    for begin in range(0, width - PIECE + 1, PIECE):
        yield inputs[:, begin : begin + PIECE], targets[:, begin : begin + PIECE]


BATCHES = {"sequential": sequential_batches, "random": random_batches}


def train(
    model: StreamLanguageModel, text: Characters, options: argparse.Namespace, device: torch.device
) -> tuple[list[float], float]:
    """SGD over the epochs -> perplexity of each, tokens per second; ends early on a loss that is no number."""
    optimizer = torch.optim.SGD(model.parameters(), lr=options.learning_rate)
    random = Random(options.seed)
    perplexities: list[float] = []
    tokens, began = 0, time.monotonic()
    with trange(options.epochs, desc="training", unit="epoch", disable=None) as bar:
        for _ in bar:
            state: Tensor | None = None
            total, count = 0.0, 0
            for ids, targets in BATCHES[options.batches](text.ids, random):
                if state is not None:  # remembered along a strand, but no gradient goes further back
                    state = None if options.batches == "random" else state.detach()
                logits, state = model(ids.to(device), state)
                loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten().to(device))
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                if options.clip:
                    nn.utils.clip_grad_norm_(model.parameters(), options.clip)
                optimizer.step()
                total, count = total + loss.item(), count + 1
                tokens += ids.numel()
            perplexities.append(math.exp(min(total / count, 700)) if math.isfinite(total) else math.nan)
            bar.set_postfix_str(f"perplexity {perplexities[-1]:.3f}")
            if math.isnan(perplexities[-1]):
                break
    return perplexities, tokens / (time.monotonic() - began)


def generate(
    model: StreamLanguageModel,
    text: Characters,
    prefix: str,
    length: int,
    temperature: float,
    device: torch.device,
) -> str:
    """The prefix, and `length` characters after it: the likeliest one each time at temperature 0, else drawn from
    softmax(logits / temperature). The prefix warms the state up."""
    ids = text.encode(prefix)
    with torch.inference_mode():
        logits, state = model(torch.tensor([ids], device=device))
        for _ in range(length):
            last = logits[0, -1]
            if temperature:
                following = int(torch.multinomial(torch.softmax(last / temperature, 0), 1))
            else:
                following = int(last.argmax())
            ids.append(following)
            logits, state = model(torch.tensor([[following]], device=device), state)
    return text.decode(ids)


def draw(perplexities: Sequence[float], path: Path) -> None:
    """Perplexity by epoch."""
    figure, panel = plt.subplots(figsize=(6, 3), layout="constrained")
    panel.semilogy(range(1, len(perplexities) + 1), perplexities)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.yaxis.set_major_formatter(LogFormatter())
    panel.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(1, 0.4)))
    panel.set_xlabel("epoch")
    panel.set_ylabel("perplexity")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    command_line = parser("char_lm", "A character language model on any text file.")
    add = command_line.add_argument
    add("--text", type=Path, required=True, help="a UTF-8 text file")
    add(
        "--characters",
        type=whole(0),
        default=10_000,
        help="how many of its first characters, 0 for all (default: 10000)",
    )
    add("--keep-all", action="store_true", help="keep case and all characters, not a to z and spaces alone")
    add("--kind", choices=RECURRENCES, default="elman", help="the recurrence (default: elman)")
    add("--inputs", choices=INPUTS, default=ONE_HOT, help="what the recurrence reads (default: one-hot)")
    add("--stepwise", action="store_true", help="the project's own cells step by step, not torch's kernels")
    add("--hidden-size", type=whole(1), default=512, help="hidden units (default: 512)")
    add("--batches", choices=BATCHES, default="sequential", help="how the text is cut (default: sequential)")
    add("--epochs", type=whole(1), default=500, help="passes over the text (default: 500)")
    add("--learning-rate", type=float, default=1.0, help="of SGD (default: 1)")
    add("--clip", type=float, default=1.0, help="the gradient's norm at most, 0 for no limit (default: 1)")
    add("--prefix", help="what it goes on from (default: the text's first 16 characters)")
    add("--length", type=whole(0), default=100, help="characters to write (default: 100)")
    add("--temperature", type=float, default=0.7, help="of the sampled text, above 0 (default: 0.7)")
    options = command_line.parse_args(arguments)
    device = start(options, command_line)
    try:
        text = read(options.text, options.characters, options.keep_all)
        prefix = text.decode(text.ids[:16].tolist()) if options.prefix is None else options.prefix
        text.encode(prefix)
        model = StreamLanguageModel(
            1 + len(text.characters), options.hidden_size, options.kind, options.inputs, options.stepwise
        ).to(device)
    except ValueError as error:
        command_line.error(str(error))
    if not prefix or options.temperature <= 0:
        command_line.error("--prefix must not be empty, and --temperature must be above 0")
    print(f"{len(text.ids):,} characters, {len(text.characters)} kinds and unknown")
    perplexities, rate = train(model, text, options, device)
    engine = "cell by cell" if options.stepwise else "torch's kernels"
    shown = f"{perplexities[-1]:.3f}" if perplexities[-1] < 1000 else f"{perplexities[-1]:.1e}"
    print(f"perplexity {shown} after {len(perplexities)} epochs, {options.batches} batches")
    print(f"{rate:,.0f} tokens/s, {engine}")
    if math.isnan(perplexities[-1]):
        print("the loss is no number any more: give --clip a limit, or lower --learning-rate")
        return 1
    model.eval()
    for name, temperature in (("greedy", 0.0), (f"sampled at {options.temperature:g}", options.temperature)):
        print(f"{name}: {generate(model, text, prefix, options.length, temperature, device)}")
    path = options.out / "char_lm.png"
    draw(perplexities, path)
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
