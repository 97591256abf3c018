"""The engine as papermill knows it: its client, fed by a forked child instead of a kernel behind ports."""

from __future__ import annotations

import base64
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from nbclient.exceptions import CellExecutionComplete, CellExecutionError
from nbformat import from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NBClientEngine
from papermill.utils import nb_language
from traitlets import Int, Unicode

from papermill_fork import STOPPED, internals
from papermill_fork.child import Child, Gone
from papermill_fork.messages import LANGUAGES, say


def can_fork(platform: str) -> bool:
    """Say whether the engine forks on a platform.

    Elsewhere than on Linux a process must not fork once it has loaded such libraries, or cannot; and a Python that was built for old
    Linuxes cannot watch what it has forked.

    Examples
    --------
    >>> can_fork("darwin"), can_fork("win32")
    (False, False)
    """
    return platform == "linux" and hasattr(os, "pidfd_open")


FORKS = can_fork(sys.platform)
GRACE = 0.5


class ForkEngine(Engine):  # type: ignore[misc]
    """Run a notebook in a forked child; by plain papermill where that cannot be, or where the notebook is not in Python."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, start_timeout: int = 60, execution_timeout: int | None = None,
        megabytes: int | None = None, preparation: str = "", trace: str = "", **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Execute the notebook's cells.

        ``megabytes`` limits the memory that each of its processes may take. ``preparation`` (``"module:function"``) names what the server
        calls before it forks: it imports what notebooks need and rehearses what a first use prepares. ``trace`` is a file to which it is
        written what the notebook opens (``papermill_fork.watch``).
        """
        if not FORKS or nb_language(nb_man.nb) != "python":
            plain = {"start_timeout": start_timeout, "execution_timeout": execution_timeout, **kwargs}
            return NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **plain)
        kwargs = {"timeout": execution_timeout, **kwargs}
        kwargs.pop("input_path", None)
        told = {"megabytes": megabytes, "preparation": preparation, "trace": trace}
        return ForkClient(nb_man, startup_timeout=start_timeout, **told, **kwargs).execute()


class ForkClient(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client, which keeps its own treatment of every message."""

    megabytes = Int(None, allow_none=True)
    preparation, trace = Unicode(), Unicode()

    def execute(self, **_: Any) -> Any:
        self.reset_execution_trackers()
        folder = os.path.abspath(self.resources.get("metadata", {}).get("path") or os.getcwd())
        self.child = self._child(folder)
        try:
            self.papermill_execute_cells()
            self.nb.metadata["language_info"] = self.child.about["language_info"]
            self.set_widgets_metadata()
        finally:
            self.child.stop()
        return self.nb

    def _child(self, folder: str) -> Child:
        """Start a child; once more if the server ended just then."""
        for _ in range(2):
            with suppress(Gone):
                return Child(folder, self.megabytes, self.startup_timeout, self.preparation, self.trace)
        raise RuntimeError(say("no_server", "en"))

    def execute_cell(self, cell: Any, cell_index: int, *_: Any, **__: Any) -> Any:
        tags = cell.metadata.get("tags", ())
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        self.code_cells_executed += 1
        cell.outputs, cell.metadata["execution"] = [], {}
        self.clear_before_next_output, self.held = False, {"stdout": "", "stderr": ""}
        self.child.send({"code": cell.source})
        reply = self._reply(cell, cell_index)
        if reply["status"] == "error" and not (self.allow_errors or "raises-exception" in tags):
            raise CellExecutionError.from_cell_and_msg(cell, reply)
        return cell

    def _reply(self, cell: Any, index: int) -> dict[str, Any]:
        """Process the messages of a cell until it is done; if the child hangs or ends before that, the cell fails."""
        seconds = internals.seconds_for(self, cell)
        try:
            return self._listen(cell, index, seconds and time.monotonic() + seconds)
        except TimeoutError:
            self._stop_hanging(cell, index)
            raise self._failed(cell, STOPPED[0], "timeout", seconds=seconds, s="" if seconds == 1 else "s") from None
        except Gone as gone:
            self._show_rest(cell, index)
            key, values = _ended(gone.status)
            raise self._failed(cell, STOPPED[1], key, **values) from None

    def _listen(self, cell: Any, index: int, until: float | None) -> dict[str, Any]:
        reply: dict[str, Any] = {}
        while True:
            message = self.child.receive(until)
            kind, content = message["msg_type"], message["content"]
            if kind == "execute_reply":
                reply = content
            elif kind in ("write", "flush"):
                self.held[content["name"]] += content["text"]
                if kind == "flush":
                    self._show(content["name"], cell, index)
            else:
                message["buffers"] = [base64.b64decode(buffer) for buffer in message.get("buffers", ())]
                try:
                    self.process_message(message, cell, index)
                except CellExecutionComplete:
                    self._show_rest(cell, index)
                    return reply

    def _show(self, name: str, cell: Any, index: int) -> None:
        text, self.held[name] = self.held[name] + self.child.written(name), ""
        if text:
            stream = {"header": {"msg_type": "stream"}, "msg_type": "stream", "content": {"name": name, "text": text}, "parent_header": {}}
            self.process_message(stream, cell, index)

    def _show_rest(self, cell: Any, index: int) -> None:
        for name in self.held:
            self._show(name, cell, index)

    def _stop_hanging(self, cell: Any, index: int) -> None:
        """Interrupt the cell, so that the notebook shows where it hung, and end it."""
        self.child.interrupt()
        try:
            self._listen(cell, index, time.monotonic() + GRACE)
        except (TimeoutError, Gone):
            self._show_rest(cell, index)
        self.child.kill()

    def _failed(self, cell: Any, name: str, key: str, **values: Any) -> CellExecutionError:
        """Mark the cell with an error in words, on the traceback of an interrupt where there is one."""
        said = "\n".join(say(key, language, **values) for language in LANGUAGES)
        marked = next((o for o in reversed(cell.outputs) if o.output_type == "error"), None)
        if marked is None:
            cell.outputs.append(marked := from_dict({"output_type": "error", "traceback": []}))  # type: ignore[no-untyped-call]
        marked.update(ename=name, evalue=said, traceback=[*marked.traceback, f"{name}: {said}"])
        return CellExecutionError("\n".join(marked.traceback), name, said)


def _ended(status: int | None) -> tuple[str, dict[str, Any]]:
    """Return the key of the message that says how the child ended, and its values."""
    if status is None or status >= 0:
        return "exited", {"status": "?" if status is None else status}
    name = next((known.name for known in signal.Signals if known == -status), str(-status))
    return ("killed" if name == "SIGKILL" else "crashed"), {"signal": name}
