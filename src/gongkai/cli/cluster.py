"""A Dask cluster, as what reads documents or makes studies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from gongkai import __version__
from gongkai.core.errors import UsageError

_SECONDS = 10  # for a scheduler to answer


@contextmanager
def executor_of(address: str | None, jobs: int) -> Iterator[tuple[Executor | None, int]]:
    """Give the executor of the cluster at an address, and how many threads it has; without an address none, and the jobs.

    Raises
    ------
    UsageError
        If the extra is not installed, nobody answers there, or a worker has another version or stands in another folder: relative paths
        would lead it elsewhere.
    """
    if not address:
        yield None, jobs
        return
    try:
        import distributed
    except ImportError as error:
        raise UsageError.of("core.extra", "--dask", extra="cluster", name=error.name or error) from error
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError.of("cluster.silent", address, said=str(error).splitlines()[0] if str(error) else type(error).__name__) from error
    with client:
        _refuse_strangers(client, address)
        executor: Executor = client.get_executor(pure=False)  # else it may answer from what it has done before
        yield executor, sum(client.nthreads().values())


def _refuse_strangers(client: Any, address: str) -> None:
    """Refuse a cluster without workers, or with one that does not run this program in this folder."""
    here, found = standing(), client.run(standing, on_error="return")
    if not found:
        raise UsageError.of("cluster.empty", address, address=address)
    for worker, told in found.items():
        if told != here:
            said = " ".join(map(str, told)) if isinstance(told, tuple) else str(told)
            raise UsageError.of("cluster.stranger", worker, found=said, version=here[0], folder=here[1], address=address)


def standing() -> tuple[str, str]:
    """Return the version of this program and the folder that it runs in."""
    return __version__, os.getcwd()
