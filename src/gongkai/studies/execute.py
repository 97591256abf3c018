"""One notebook, run with parameters by papermill: an executed notebook with the same bytes each time, and why it failed if it did."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core import errors
from gongkai.core.errors import ReportError, UsageError, of_system
from gongkai.core.files import scratch_folder
from gongkai.core.files import write as write
from gongkai.core.messages import Words, both
from papermill_fork import STOPPED

START_SECONDS, CELL_SECONDS, MEGABYTES = 120, 600, 4096
ENGINE = "fork"
PREPARATION = "gongkai.studies.rehearsal:prepare"
_CELL_FILE = re.compile(r"[^\s'\"]*ipykernel_\d+[/\\]")  # the temporary file name, with a process number, that warnings give for a cell
Parameters = Mapping[str, str | int | float | bool | None]
_LANGUAGE = {
    "name": "python", "file_extension": ".py", "mimetype": "text/x-python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3",
    "codemirror_mode": {"name": "ipython", "version": 3},
}  # fmt: skip
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


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
        If there is no such notebook.
    """
    return {found.name: found.default for found in _inspected(notebook)}


def _inspected(notebook: Path) -> list[Any]:
    from papermill.translators import PythonTranslator

    try:
        cells = [cell for cell in read(notebook).cells if "parameters" in cell.metadata.get("tags", ())]
    except OSError as error:
        raise of_system(error, "studies.notebook", notebook) from error
    except (ValueError, AttributeError) as error:
        raise UsageError.of("studies.no_notebook", notebook, notebook=both("studies.notebook")) from error
    return [found for cell in cells[:1] for found in PythonTranslator.inspect(cell)]


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
        wanted = [both("studies.value", name=name, type=both(f"type.{kinds[name].__name__}", default=own[name])) for name in wrong]
        found = ", ".join(f"{name}={given[name]!r}" for name in wrong)
        raise UsageError.of(
            "studies.parameter_value",
            where or notebook.name,
            wanted=Words("、".join(zh for zh, _ in wanted), ", ".join(en for _, en in wanted)),
            found=found,
        )


def types(notebook: Path) -> dict[str, type]:
    """Return the type of each parameter that has one: ``first_year: int = None`` or ``= None  # type: int`` says it, else the default.

    A parameter whose default is a whole number may also be given 0.5, unless a type is declared.

    Examples
    --------
    >>> from gongkai.core.files import find_notebook
    >>> types(find_notebook("studies/county_study.ipynb"))["first_year"].__name__
    'int'
    """
    found: dict[str, type] = {}
    for parameter in _inspected(notebook):
        said = [kind for kind in _TYPES if re.search(rf"\b{kind.__name__}\b", parameter.inferred_type_name)]
        kinds = said or [kind for kind in _TYPES if type(literal(parameter.default)) is kind]
        if len(kinds) == 1:
            found[parameter.name] = float if kinds == [int] and not said else kinds[0]
    return found


def literal(text: str) -> Any:
    """Return the value of a Python literal; None for any other text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def mistyped(given: Parameters, known: Mapping[str, type]) -> list[str]:
    """Return the names of the parameters whose values are of another type than their own.

    Examples
    --------
    >>> mistyped({"first_year": "abc", "last_year": None, "rate": 1}, {"first_year": int, "last_year": int, "rate": float})
    ['first_year']
    """
    return [name for name, value in given.items() if value is not None and name in known and not _fits(value, known[name])]


def _fits(value: object, kind: type) -> bool:
    """Say whether a value is of a type; an int is accepted as a float, a bool as no number."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


_TYPES = (bool, int, float, str)


def run_notebook(
    notebook: Path, parameters: Parameters, cwd: Path | None = None, *, seconds: int = CELL_SECONDS, megabytes: int | None = MEGABYTES,
    engine: str | None = ENGINE,
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

    Returns
    -------
    notebook, failure
        ``failure`` is None where the notebook ran to its end.
    """
    with scratch_folder() as scratch:
        written = scratch / "executed.ipynb"
        options = {"execution_timeout": seconds, "resources": _begins_in(cwd), "config": _config(scratch)}
        if engine == ENGINE:
            options |= {"megabytes": megabytes, "preparation": PREPARATION, "request_save_on_cell_execute": False}
        failure = _attempt(read(notebook), written, parameters, engine, options)
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

    from papermill_fork.client import ForkEngine

    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill_engines.register(ENGINE, ForkEngine)
    try:
        executed = papermill.execute_notebook(
            notebook, str(written), dict(parameters), engine, progress_bar=False, start_timeout=START_SECONDS,
            kernel_manager_class=own_kernel(), **options,
        )  # fmt: skip
        _refuse_early_exit(executed, written)
    except PapermillExecutionError as error:
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

    for output in (output for cell in executed.cells for output in cell.get("outputs", ())):
        if output.get("ename") == "SystemExit":
            output["evalue"] = output["evalue"] or "None"
            output["evalue"] = f"sys.exit({output['evalue']})"
    raise_for_execution_errors(executed, str(written))


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
        scratch = Unicode().tag(config=True)

        @property
        def kernel_spec(self) -> Any:
            quiet = ["--log-level=CRITICAL", "--HistoryManager.enabled=False"]
            described = get_kernel_dict(extra_arguments=quiet, python_arguments=["-Xfrozen_modules=off"])
            return KernelSpec(**described, env={"PYDEVD_DISABLE_FILE_VALIDATION": "1", "PYTHONHASHSEED": "0", "IPYTHONDIR": self.scratch})

    return OwnKernelManager


def _begins_in(cwd: Path | None) -> dict[str, Any]:
    """Set the working directory of the kernel only; papermill would change it for this whole process and the notebooks of other threads."""
    return {"metadata": {"path": str(cwd.resolve())}} if cwd else {}


def _config(scratch: Path) -> Any:
    from traitlets.config import Config

    return Config({"OwnKernelManager": {"scratch": str(scratch)}})


def without_traces_of_the_run(notebook: Any) -> Any:
    """Remove times, paths and random ids, so that two runs of one study give the same bytes."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = dict(_LANGUAGE)
    notebook.metadata["kernelspec"] = dict(_KERNEL)
    for number, cell in enumerate(notebook.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if added := {"injected-parameters", "papermill-error-cell-tag"} & set(cell.metadata.get("tags", ())):
            cell["id"] = f"{added.pop()}-{number}"
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output["text"] = _CELL_FILE.sub("cell-", output["text"])
    return notebook


def read(path: Path) -> Any:
    """Read a notebook; one that names no kernel is in Python."""
    import nbformat

    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata.setdefault("kernelspec", dict(_KERNEL))
    return notebook


def text_of(notebook: Any) -> str:
    """Write a notebook as text."""
    import nbformat

    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text + "\n"
