"""A papermill engine whose notebooks run in processes forked from one that has imported the libraries already.

``papermill --engine fork`` finds it by its entry point. One *server* for each process that runs notebooks is prepared by a function of the
caller's (what to import beforehand, what to rehearse) and forks; each fork, a *runner*, is an IPython kernel without ports, whose messages
go to papermill's client (``client``) through a socket (``child``). The user's own IPython profile is not read: a notebook gives the same
for everyone.
"""

from __future__ import annotations

from typing import Any

STOPPED = ("CellTimeoutError", "DeadKernelError")  # errors that the engine sets itself, their words in both languages


class _Engine:
    """The engine by its entry point, which papermill loads in the midst of its own import, when the client cannot be imported yet."""

    def __getattr__(self, name: str) -> Any:
        from papermill_fork.client import ForkEngine

        return getattr(ForkEngine, name)


engine = _Engine()
