"""How many processor cores this process may really use."""

import os
from pathlib import Path

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available_cores(quota_file: Path = CGROUP_QUOTA) -> int:
    """Count the cores that this process may use, at least 1.

    A container with a limit of 2 cores on a machine of 64 sees 64 in `os.cpu_count()`. Threads for all of
    them would throttle each other, so the affinity mask and the quota of cgroup v2 count as well.

    Parameters:
        quota_file: `cpu.max` of the cgroup, "QUOTA PERIOD" in microseconds, or "max PERIOD" for no limit.

    Returns:
        The smallest of machine, affinity mask and quota (rounded down), at least 1.
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    try:
        quota, period = quota_file.read_text().split()
        cores = min(cores, int(quota) // int(period))
    except (OSError, ValueError):
        pass  # no cgroup v2 here, or no limit in it
    return max(1, cores)
