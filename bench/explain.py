"""Whether explanations are true of the network: the measures of docs/explaining.md, on dev splits.

make bench-explain                        # all of it, into docs/explaining.md and docs/pictures/
python -m bench.explain --only cost       # one part; cost wants a machine that does nothing else
python -m bench.explain --limit 5         # a few texts a corpus, to see that it runs

Each part writes its table between its own markers and says how many texts it saw. Seeded, on one thread.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from bench.explain_cost import cost
from bench.explain_exactness import exactness
from bench.explain_flips import flips
from bench.explain_methods import Methods
from bench.explain_phrases import phrases
from bench.explain_removal import removal
from bench.explain_sample import CORPORA
from bench.explain_sentences import sentences
from bench.pages import write_between
from models.predictor import Predictor
from training.corpora import default_data_dir, load_corpora

PARTS = ("sentences", "exactness", "removal", "phrases", "flips", "cost")
PAGE = "explaining.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures what was asked, prints each part's table and puts it into the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.explain", description="Whether explanations are true.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--limit", type=int, help="at most so many texts or pairs of each kind (default: as documented)"
    )
    parser.add_argument("--model", type=Path, default=Path("artifacts/default/sentiment.pt"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of explaining.md and pictures/")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    methods = Methods(Predictor.load(options.model, "cpu"))
    corpora = load_corpora(CORPORA, progress=True)
    limit, pictures = options.limit, options.docs / "pictures"
    parts: dict[str, Callable[[], str]] = {
        "sentences": lambda: sentences(methods),
        "exactness": lambda: exactness(methods, corpora, limit),
        "removal": lambda: removal(methods, corpora, limit, pictures),
        "phrases": lambda: phrases(methods, corpora, default_data_dir(), limit, pictures),
        "flips": lambda: flips(methods, corpora, limit, pictures),
        "cost": lambda: cost(methods, corpora, limit),
    }
    for name in options.only:
        found = parts[name]()
        print(f"\n{name}, model {methods.predictor.version}\n\n{found}\n", flush=True)
        write_between(options.docs / PAGE, name, found)


if __name__ == "__main__":
    main()
