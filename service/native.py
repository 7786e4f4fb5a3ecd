"""Work in a thread of the system, while the greenlets of this one go on."""

from collections.abc import Callable
from typing import Any, TypeVar

from gevent.threadpool import ThreadPool

Result = TypeVar("Result")


def in_thread(pool: ThreadPool, function: Callable[..., Result], *arguments: Any) -> Result:
    """Return `function(*arguments)`, computed in a thread of `pool`.

    What it raises is raised here, as a RuntimeError where it is no Exception. gevent's own `apply` would also write it
    to standard error, message and all, and that could hold a review.
    """
    result, error = pool.apply(_caught, (function, arguments))
    if error is not None:
        raise error
    return result


def _caught(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        return None, error
    except BaseException as error:  # noqa: BLE001 - a panic in Rust, say: it would end the greenlet that waits
        failure = RuntimeError(f"{type(error).__name__} in a thread")
        failure.__cause__ = error
        return None, failure
