"""The service under load beside plain Flask and LitServe with the same artifact: the figures of docs/serving-speed.md.

make bench-serve                                  # all of it, some 20 minutes, into docs/
make bench-serve QUICK=1                          # a rehearsal of a minute or two, whose figures are only printed
python -m bench.serve --only overload lists       # some parts

On the first two cores of this machine, which must do nothing else meanwhile: load, servers and this process share them.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch

from bench.pages import write_between
from bench.serve_closed import check_wrk
from bench.serve_compared import compared, tuned
from bench.serve_exactness import exactness
from bench.serve_lists import lists
from bench.serve_overload import overload
from bench.serve_quiet import LIMIT, Watch
from bench.serve_rates import rates
from bench.serve_run import QUICK, Plan, Run
from bench.serve_servers import BATCHED_PYTHON, Contender, plain, undertone
from bench.serve_texts import load_texts
from models.predictor import Predictor

PARTS = ("settings", "compared", "lists", "overload", "exactness", "rates")
PAGE, PICTURE = "serving-speed.md", "pictures/serving-speed.png"
CORES = 2
_LOOK = 3  # seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked, print each part's table and put it into the page. Returns 1 where it can't be done."""
    options = _parser().parse_args(arguments)
    try:
        check_wrk()
        if not BATCHED_PYTHON.exists():
            raise RuntimeError(f"no LitServe found ({BATCHED_PYTHON}): make .venv/bench.stamp installs it")
        if not (options.busy or options.quick):
            check_quiet()
        with tempfile.TemporaryDirectory(prefix="bench-serve-") as folder:
            _measure(options, Path(folder))
    except RuntimeError as error:
        print(f"bench.serve: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(options: argparse.Namespace, folder: Path) -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])  # what is started inherits it
    torch.set_num_threads(1)
    predictor = Predictor.load(options.model, "cpu")
    plan = QUICK if options.quick else Plan(tries=1) if options.busy else Plan()
    run = Run(options.model, predictor, load_texts(predictor.tokenizer), folder, plan)
    docs = folder if options.quick else options.docs
    best = cache(lambda: tuned(run))

    def contenders() -> tuple[Contender, ...]:
        return undertone(), plain(), best()[0]

    parts: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
        "settings": lambda: (best()[1], {"litserve": best()[0].settings}),
        "compared": lambda: compared(run, contenders()),
        "lists": lambda: lists(run),
        "overload": lambda: overload(run),
        "exactness": lambda: exactness(run),
        "rates": lambda: rates(run, contenders(), docs / PICTURE),
    }
    data: dict[str, Any] = {}
    for name in options.only:
        written, data[name] = parts[name]()
        print(f"\n{name}\n\n{written}\n", flush=True)
        if not options.quick:
            write_between(docs / PAGE, name, written)
        options.data.parent.mkdir(parents=True, exist_ok=True)
        options.data.write_text(json.dumps(data, indent=1) + "\n")


def check_quiet(seconds: float = _LOOK) -> None:
    """Look for some seconds at what else runs; raises RuntimeError where that is too much to measure beside."""
    load = os.getloadavg()[0]
    with Watch() as watch:
        time.sleep(seconds)
    print(f"load average {load:.2f}; other programs use {watch.others:.0%} of a core", flush=True)
    if not watch.quiet:
        raise RuntimeError(
            f"something else uses {watch.others:.0%} of a core, most of it {watch.who}; at most {LIMIT:.0%} leaves "
            "figures that can be relied on. Stop it, or measure all the same with --busy, and the figures will say so"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.serve", description="The service under load beside plain Flask and LitServe."
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--quick", action="store_true", help="a rehearsal: a second for each, and nothing goes into docs"
    )
    parser.add_argument("--busy", action="store_true", help="measure on a machine that does other things too")
    parser.add_argument("--model", type=Path, default=Path("artifacts/default/sentiment.pt"))
    parser.add_argument("--docs", type=Path, default=Path("docs"), help=f"folder of {PAGE} and pictures/")
    parser.add_argument(
        "--data", type=Path, default=Path("build/bench-serve.json"), help="where all figures go as JSON"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
