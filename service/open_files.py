"""Room for a file handle for each connection: many systems give a process 1,024 unless it asks for more."""

import resource

SPARE = 128
"""Handles that a worker needs beside those of its connections, rounded up."""


def make_room(connections: int) -> int:
    """Raise this process's soft limit of open files as far as the hard one allows; processes forked later inherit it.

    Parameters:
        connections: how many a worker may hold.

    Returns:
        How many connections there is room for, at most `connections`.
    """
    soft, hard = (_endless(limit) for limit in resource.getrlimit(resource.RLIMIT_NOFILE))
    wanted = connections + SPARE
    if soft < wanted:
        soft = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(soft), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return int(min(connections, max(0, soft - SPARE)))


def _endless(limit: int) -> float:
    return float("inf") if limit == resource.RLIM_INFINITY else limit
