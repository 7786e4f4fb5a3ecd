"""What the parts of bench/serve.py share: how long to measure, on what, and whether the machine was quiet meanwhile."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
import torch

from bench.serve_quiet import LIMIT, Watch
from bench.serve_texts import Texts
from models.predictor import Predictor

Found = TypeVar("Found")


@dataclass(frozen=True)
class Plan:
    """Seconds of each kind of measurement, and how often. `rates` are offered requests a second."""

    rounds: int = 5
    warm: int = 3
    single: int = 5
    full: int = 10
    list: int = 5
    tuning: int = 4
    tuned: int = 100  # at most so many settings of LitServe
    overload: int = 60
    rate: int = 6
    rates: tuple[int, ...] = (100, 200, 300, 400, 500, 600, 700, 800, 1000, 1250, 1500, 1750, 2000, 2500, 3000)
    exact: int = 400  # texts
    tries: int = 3


QUICK = Plan(
    rounds=1,
    warm=1,
    single=1,
    full=1,
    list=1,
    tuning=1,
    tuned=1,
    overload=3,
    rate=1,
    rates=(100, 800),
    exact=40,
    tries=1,
)


@dataclass
class Run:
    """One run of the bench.

    Parameters:
        model: the artifact that all serve.
        predictor: the same in this process, on one thread.
        texts: what clients send.
        folder: for logs and bodies.
        plan: how long, how often.
    """

    model: Path
    predictor: Predictor
    texts: Texts
    folder: Path
    plan: Plan
    watches: list[Watch] = field(default_factory=list)

    def measured(self, measure: Callable[[], Found]) -> Found:
        """What `measure` returns, taken again, at most `plan.tries` times in all, while something else runs.

        The quietest counts.
        """
        taken: list[tuple[Watch, Found]] = []
        while not taken or (not taken[-1][0].quiet and len(taken) < self.plan.tries):
            with Watch() as watch:
                found = measure()
            taken.append((watch, found))
        watch, found = min(taken, key=lambda one: one[0].others)
        self.watches.append(watch)
        return found

    def circumstances(self) -> str:
        """One paragraph: the machine, the libraries, and how quiet it was since this was asked last."""
        watches, self.watches = self.watches, []
        disturbed = [watch for watch in watches if not watch.quiet]
        most = max((watch.others for watch in watches), default=0.0)
        said = (
            f"Model `{self.predictor.version}`, {_processor()}, {len(psutil.Process().cpu_affinity() or [])} cores, "
            f"Python {platform.python_version()}, torch {torch.__version__}. "
            f"Other programs used at most {most:.0%} of a core during the {len(watches)} measurements."
        )
        if disturbed:
            said += (
                f" **Disturbed: more than {LIMIT:.0%} in {len(disturbed)} of {len(watches)}, so these figures prove "
                "nothing.**"
            )
        return said


def _processor() -> str:
    """The processor's name as the kernel has it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
