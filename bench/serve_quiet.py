"""Whether something else uses the processor while bench/serve.py measures."""

import time
from dataclasses import dataclass, field

import psutil

LIMIT = 0.10  # of a core


@dataclass
class Watch:
    """What others used between `with` and its end, in cores; `who` used most of it. Time stolen by a hypervisor counts.

    Own are this process and all that it started and has not yet given up.
    """

    others: float = 0.0
    who: str = ""
    _began: float = field(default=0.0, repr=False)
    _before: tuple[float, dict[int, float]] = field(default=(0.0, {}), repr=False)

    @property
    def quiet(self) -> bool:
        """Whether others used no more than LIMIT."""
        return self.others <= LIMIT

    def __enter__(self) -> "Watch":
        self._began, self._before = time.monotonic(), _usage()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.monotonic() - self._began
        (before, before_each), (after, after_each) = self._before, _usage()
        self.others = max(0.0, (after - before) / seconds)
        grown = {pid: used - before_each.get(pid, 0.0) for pid, used in after_each.items()}
        largest = max(grown, key=grown.__getitem__, default=None)
        if largest is not None and grown[largest] > 0:
            self.who = f"process {largest}, {_name(largest)}"


def _usage() -> tuple[float, dict[int, float]]:
    """Seconds of processor that others have used since the start of the machine, and of each of their processes."""
    own = psutil.Process()
    ours = [own, *own.children(recursive=True)]
    used = {one.pid: taken for one in ours if (taken := _taken(one, reaped=True)) is not None}
    everything = psutil.cpu_times()
    stolen = getattr(everything, "steal", 0.0)
    total = everything.user + everything.nice + everything.system + stolen
    each = {one.pid: taken for one in psutil.process_iter() if (taken := _taken(one, reaped=False)) is not None}
    return total - sum(used.values()), {pid: taken for pid, taken in each.items() if pid not in used}


def _taken(process: psutil.Process, reaped: bool) -> float | None:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return None  # it ended meanwhile
    return times.user + times.system + (times.children_user + times.children_system if reaped else 0.0)


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "which has ended"
