"""One notebook, run with parameters by papermill: an executed notebook with the same bytes each time, and why it failed if it did."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core import errors
from gongkai.core.errors import ReportError, UsageError
from gongkai.core.files import scratch_folder
from gongkai.core.files import write as write
from gongkai.core.messages import Words, both
from gongkai.studies.languages import twice
from gongkai.studies.notebooks import is_own, parameters_of, read
from gongkai.studies.traces import without_traces_of_the_run
from gongkai.studies.values import Kind, Parameters, kind_of, mistyped
from papermill_fork import STOPPED

START_SECONDS, CELL_SECONDS, MEGABYTES = 120, 600, 4096
ENGINE = "fork"
PREPARATION = "gongkai.studies.rehearsal:prepare"
MAY_FAIL = "raises-exception"


class NotebookFailure(NamedTuple):
    """Why a notebook did not run to its end, in words that a person understands; ``cell`` counts its code cells from 1."""

    zh: str
    en: str
    error: str
    cell: int | None = None


def declared(notebook: Path) -> dict[str, str]:
    """Return the parameters that a notebook declares, each with its default as it is written there.

    Raises
    ------
    UsageError
        If there is no such notebook, or nobody here can run it.
    """
    return {found.name: found.default for found in parameters_of(notebook)}


def types(notebook: Path) -> dict[str, Kind]:
    """Return the type of each parameter that has one: ``first_year: int = None`` or ``= None  # type: int`` says it, else the default.

    Examples
    --------
    >>> from gongkai.core.files import find_notebook
    >>> types(find_notebook("studies/county_study.ipynb"))["first_year"].name
    'int'
    """
    return {found.name: kind for found in parameters_of(notebook) if (kind := kind_of(found))}


def refuse_unknown(notebook: Path, given: Parameters, where: str = "") -> None:
    """Stop before a misspelt parameter, or a value of another type than the notebook's own, yields a study of something else.

    Raises
    ------
    UsageError
        If the notebook does not declare every parameter; it lists those that it does. If a value is of another type than the parameter's
        own: it says which. None, which stands for no value, is of any type.
    """
    own, kinds = declared(notebook), types(notebook)
    if unknown := sorted(set(given) - set(own)):
        known, names = ", ".join(sorted(own)) or "—", ", ".join(unknown)
        raise UsageError.of("studies.no_parameter", where or notebook.name, known=known, names=names)
    if wrong := mistyped(given, kinds):
        raise refused_values({name: given[name] for name in wrong}, own, kinds, where or notebook.name)


def refused_values(wrong: Parameters, own: Mapping[str, str], kinds: Mapping[str, Kind], where: str) -> UsageError:
    """Say which values are of another type than their parameters', and what these are."""
    names = {name: kinds[name].name if name in kinds else "float" for name in wrong}
    wanted = [both("studies.value", name=name, type=both(f"type.{kind}", default=own[name])) for name, kind in names.items()]
    found = ", ".join(f"{name}={value!r}" for name, value in wrong.items())
    words = Words("、".join(zh for zh, _ in wanted), ", ".join(en for _, en in wanted))
    return UsageError.of("studies.parameter_value", where, wanted=words, found=found)


def run_notebook(
    notebook: Path, parameters: Parameters, cwd: Path | None = None, *, seconds: int = CELL_SECONDS, megabytes: int | None = MEGABYTES,
    engine: str | None = ENGINE, trace: Path | None = None, for_both: bool = False,
) -> tuple[Any, NotebookFailure | None]:  # fmt: skip
    """Run a notebook and return it executed, without anything that differs from run to run; a failed one as far as it came.

    Parameters
    ----------
    notebook : Path
        The notebook.
    parameters : mapping
        Values for its cell tagged ``parameters``.
    cwd : Path, optional
        Where its paths begin; the current folder unless given.
    seconds : int
        How long one cell may take.
    megabytes : int, optional
        How much memory each process of the notebook may take, where the engine can limit it.
    engine : str, optional
        A papermill engine by its name; papermill's own where None.
    trace : Path, optional
        A file to which it is written what the notebook opens, where it is run by this Python.
    for_both : bool
        Whether its cells with words are run a second time, for the other language (:func:`gongkai.studies.languages.twice`).

    Returns
    -------
    notebook, failure
        ``failure`` is None where the notebook ran to its end.
    """
    with scratch_folder() as scratch:
        written = scratch / "executed.ipynb"
        asked = twice(read(notebook)) if for_both else read(notebook)
        options: dict[str, Any] = {"execution_timeout": seconds, "resources": _begins_in(cwd)}
        if not is_own(asked):
            engine = None
        elif engine == ENGINE:
            told = {"megabytes": megabytes, "preparation": PREPARATION, "trace": str(trace or "")}
            options |= {**told, "request_save_on_cell_execute": False}
        if is_own(asked):
            options |= {"kernel_manager_class": own_kernel(), "config": _config(scratch, trace)}
        failure = _attempt(asked, written, parameters, engine, options)
        executed = read(written if written.exists() else notebook)
    return without_traces_of_the_run(executed), failure


def _attempt(
    notebook: Any, written: Path, parameters: Parameters, engine: str | None, options: Mapping[str, Any]
) -> NotebookFailure | None:
    """Run the notebook; what was run is written even where it failed, with the failing cell marked."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.translators import papermill_translators

    from papermill_fork.client import ForkEngine

    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill_engines.register(ENGINE, ForkEngine)
    papermill_translators.register("python", translator())
    try:
        executed = papermill.execute_notebook(
            notebook,
            str(written),
            {name: _as_code(value) for name, value in parameters.items()},
            engine,
            progress_bar=False,
            start_timeout=START_SECONDS,
            **options,
        )
        _refuse_early_exit(executed, written)
    except PapermillExecutionError as error:
        if _may_fail(error, written):
            return None
        return failure_of_cell(error.ename, error.evalue, error.exec_count)
    except (CellTimeoutError, DeadKernelError) as error:  # from papermill's own engine
        key = "engine.timeout" if isinstance(error, CellTimeoutError) else "engine.died"
        return NotebookFailure(*both(key, seconds=options["execution_timeout"]), type(error).__name__)
    except (PapermillException, RuntimeError, OSError) as error:
        said = str(error).strip().splitlines()[-1:] or [""]
        return NotebookFailure(*both("studies.cannot_run", said=said[0]), type(error).__name__)
    return None


def _refuse_early_exit(executed: Any, written: Path) -> None:
    """Mark a cell that left the notebook by a bare ``sys.exit()`` as failed: for papermill it is a success, cells not run included."""
    from papermill.execute import raise_for_execution_errors

    cells = (cell for cell in executed.cells if MAY_FAIL not in cell.metadata.get("tags", ()))
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        if output.get("ename") == "SystemExit":
            output["evalue"] = output["evalue"] or "None"
            output["evalue"] = f"sys.exit({output['evalue']})"
    raise_for_execution_errors(executed, str(written))


def _may_fail(error: Any, written: Path) -> bool:
    """Say whether the last cell that failed is one that may; papermill's marks of the failure are then taken out again."""
    from papermill.execute import remove_error_markers

    executed = read(written)
    unmarked = remove_error_markers(executed)
    if MAY_FAIL not in unmarked.cells[error.cell_index].metadata.get("tags", ()):
        return False
    write(written, text_of(unmarked))
    return True


class Code(str):
    """A value as Python writes it: papermill keeps parameters as JSON, which has no days."""


def _as_code(value: Any) -> Any:
    return Code(f'__import__("datetime").{repr(value).removeprefix("datetime.")}') if isinstance(value, date) else value


@cache
def translator() -> Any:
    """Return papermill's writer of parameters in Python, which knows code too."""
    from papermill.translators import PythonTranslator

    class Translator(PythonTranslator):  # type: ignore[misc]
        @classmethod
        def translate(cls, val: Any) -> str:
            return val if isinstance(val, Code) else str(super().translate(val))

    return Translator


def failure_of_cell(name: str, message: str, cell: int | None) -> NotebookFailure:
    """Turn the error of a cell into words: an error of this library says both languages itself.

    Examples
    --------
    >>> failure_of_cell("UsageError", "甲\\nA", 2)
    NotebookFailure(zh='甲', en='A', error='UsageError', cell=2)
    >>> failure_of_cell("ZeroDivisionError", "division by zero", 3).en
    'code cell 3 failed: ZeroDivisionError: division by zero'
    """
    lines = str(message).splitlines() or [""]
    if name in _SAYS_BOTH and len(lines) > 1:
        return NotebookFailure("\n".join(lines[: len(lines) // 2]), "\n".join(lines[len(lines) // 2 :]), name, cell)
    key = next((key for end, key in _WORDS.items() if name.endswith(end)), None)
    told = both("studies.cell_failed", cell=cell, name=name, line=lines[0], more=both(key) if key else "")
    return NotebookFailure(*told, name, cell)


_SAYS_BOTH = {*(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ReportError)), *STOPPED}
_WORDS = {"MemoryError": "engine.memory", "SystemExit": "engine.exit"}


@cache
def own_kernel() -> Any:
    """Return a kernel manager that starts this very Python, whatever kernels are installed under the notebook's kernel name."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import Unicode

    class OwnKernelManager(AsyncKernelManager):
        scratch, trace = Unicode().tag(config=True), Unicode().tag(config=True)

        @property
        def kernel_spec(self) -> Any:
            lines = "--IPKernelApp.exec_lines="
            fonts = "__import__('gongkai.studies.canvas').studies.canvas.use_font()"  # as `rehearsal.prepare` does for the other engine
            quiet = ["--log-level=CRITICAL", "--HistoryManager.enabled=False", f"{lines}{fonts}"]
            if self.trace:
                quiet.append(f"{lines}__import__('papermill_fork.watch').watch.start({self.trace!r})")
            described = get_kernel_dict(extra_arguments=quiet, python_arguments=["-Xfrozen_modules=off"])
            return KernelSpec(**described, env={"PYDEVD_DISABLE_FILE_VALIDATION": "1", "PYTHONHASHSEED": "0", "IPYTHONDIR": self.scratch})

    return OwnKernelManager


def _begins_in(cwd: Path | None) -> dict[str, Any]:
    """Set the working directory of the kernel only; papermill would change it for this whole process and the notebooks of other threads."""
    return {"metadata": {"path": str(cwd.resolve())}} if cwd else {}


def _config(scratch: Path, trace: Path | None) -> Any:
    from traitlets.config import Config

    return Config({"OwnKernelManager": {"scratch": str(scratch), "trace": str(trace or "")}})


def text_of(notebook: Any) -> str:
    """Write a notebook as text."""
    import nbformat

    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text + "\n"
