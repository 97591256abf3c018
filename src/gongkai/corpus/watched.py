"""Documents are read in a process of their own, watched from outside: what reading one does to it is an error of that document alone."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any, TypeVar

from gongkai import readers
from gongkai.core import isolation
from gongkai.core.errors import ReportError, UnreadableSource, of_system
from gongkai.core.isolation import Stopped
from gongkai.readers.limits import most

Result = TypeVar("Result")
_LONGEST_REASON = 500


class TooSlow(UnreadableSource):
    """A document that was not read in time: on a machine with less to do it may be."""


class OutOfMemory(UnreadableSource):
    """A document for whose reading there was not enough memory."""


def watched(function: Callable[..., Result], *arguments: Any) -> Result:
    """Return what a function returns that reads one document, run in the process of this thread, which the next document reuses.

    Raises
    ------
    Stopped
        If it passes the limits of time and memory, or ends its process.
    """
    readers.load()  # once for all processes that are copies of this one
    return isolation.call(function, *arguments, seconds=most("seconds"), megabytes=most("megabytes"))


def read_watched(function: Callable[..., Result], path: object, *arguments: Any) -> Result:
    """Return what a function returns that reads one document; whatever happens to it instead is an error of that document.

    The process ends with it, so that it always knows what this one knows.

    Raises
    ------
    ReportError

    Examples
    --------
    >>> from gongkai.report import read_report
    >>> read_watched(read_report, "data/raw/qinxian-2019.txt", "data/raw/qinxian-2019.txt").year
    2019
    """
    isolation.close()
    try:
        return watched(function, *arguments)
    except Exception as error:
        raise as_report_error(error, path) from error
    finally:
        isolation.close()


def as_report_error(error: BaseException, path: object) -> ReportError:
    """Say of a document what hindered its reading: the machine, a library, or a fault of ours."""
    if isinstance(error, ReportError):
        return error
    if isinstance(error, Stopped):
        return _stopped(error, path)
    if isinstance(error, OSError):
        return of_system(error, "file.readable", path, UnreadableSource)
    if isinstance(error, MemoryError):
        return OutOfMemory.of("corpus.no_memory", path)
    if isinstance(error, BrokenExecutor):
        return UnreadableSource.of("corpus.broken_worker", path)
    said = str(error) if isinstance(error, isolation.Fault) else f"{type(error).__name__}: {error}"
    return UnreadableSource.of("corpus.own_fault", path, said=said.splitlines()[0][:_LONGEST_REASON])


def _stopped(error: Stopped, path: object) -> ReportError:
    if error.why == isolation.SLOW:
        return TooSlow.of("corpus.too_slow", path, seconds=most("seconds"))
    if error.why == isolation.MEMORY:
        return OutOfMemory.of("corpus.too_large", path, n=most("megabytes"))
    if is_killed(error):
        return UnreadableSource.of("corpus.broken_worker", path)
    names = {-each.value: each.name for each in signal.Signals}
    return UnreadableSource.of("corpus.crashed", path, by=names.get(error.by or 0, error.by))


def is_killed(error: Stopped) -> bool:
    """Say whether the system or a person has ended the process, which says nothing of the document."""
    return error.by is not None and -error.by in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM))
