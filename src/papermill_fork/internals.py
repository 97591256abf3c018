"""What the engine takes from other libraries without their promise to keep it, and the versions with which it was tested.

A kernel without ports is not among what ipykernel offers, nor a client without a kernel manager among what nbclient does. Each private
member is used in this module alone, by a function that says what for; ``MEMBERS`` lists it with those that are public by name only. After
an upgrade :func:`missing` says what is gone, before a notebook does.
"""

from __future__ import annotations

from pkgutil import resolve_name
from typing import Any

TESTED = {
    "ipykernel": "7.4.0", "ipython": "9.18.1", "jupyter-client": "8.10.0", "nbclient": "0.11.0", "papermill": "2.7.0", "tornado": "6.6.1",
}  # fmt: skip

MEMBERS = {
    "atexit:_run_exitfuncs": "what a notebook registered to be done at its end is done, although its process ends by os._exit",
    "ipykernel.debugger:_is_debugpy_available": "set to false: a debugger is a thread with sockets, which a fork would not survive",
    "ipykernel.kernelapp:IPKernelApp.kernel": "set to the kernel, which %matplotlib looks for there",
    "ipykernel.kernelbase:Kernel._execute_sleep": "set to 0: the pause after each cell serves clients behind ports",
    "ipykernel.kernelbase:Kernel._publish_status": "called before and after a cell, as the kernel's own loop does, which has ports",
    "ipykernel.kernelbase:Kernel.execute_request": "called for a cell, as the kernel's own loop does",
    "ipykernel.kernelbase:Kernel.shell_channel_thread": "set to what says that cells run in the main thread",
    "ipykernel.zmqshell:ZMQInteractiveShell.ask_exit": "set to sys.exit: `exit` in a cell is an early exit like any other",
    "jupyter_client.session:json_packer": "called to write a message: it knows dates and bytes",
    "nbclient.client:NotebookClient._get_timeout": "called for the seconds that a cell may take",
    "nbclient.client:NotebookClient.reset_execution_trackers": "called before the first cell",
    "nbclient.client:NotebookClient.set_widgets_metadata": "called after the last cell",
    "nbclient.exceptions:CellExecutionError.from_cell_and_msg": "called to raise a cell's error in nbclient's words",
    "papermill.clientwrap:PapermillNotebookClient.papermill_execute_cells": "called to run the cells one after the other",
}


def missing() -> list[str]:
    """Return the members that the installed libraries do not have, each with what the engine needs it for.

    Examples
    --------
    >>> missing()
    []
    """
    return [f"{member}, {purpose}" for member, purpose in MEMBERS.items() if not _is_there(member)]


def _is_there(member: str) -> bool:
    try:
        resolve_name(member)
    except (ImportError, AttributeError):
        return False
    return True


def without_debugger() -> None:
    """Let kernels that are made from here on have no debugger."""
    import ipykernel.debugger

    ipykernel.debugger._is_debugpy_available = False


def without_pause(kernel: Any) -> None:
    """Let a kernel not wait after each cell."""
    kernel._execute_sleep = 0


def publish(kernel: Any, state: str, request: dict[str, Any]) -> None:
    """Have a kernel say that it is busy or idle."""
    kernel._publish_status(state, "shell", request)


def seconds_for(client: Any, cell: Any) -> int | None:
    """Return how many seconds a client gives a cell; None for no limit."""
    seconds: int | None = client._get_timeout(cell)
    return seconds


def run_exit_functions() -> None:
    """Do what this process has registered to be done at its end."""
    import atexit

    atexit._run_exitfuncs()
