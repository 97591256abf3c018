"""A notebook as it was saved by anyone: read whatever its format, and run by the kernel that it is written for."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gongkai.core.errors import UsageError, of_system
from gongkai.core.messages import both

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}
LANGUAGE = {
    "name": "python", "file_extension": ".py", "mimetype": "text/x-python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3",
    "codemirror_mode": {"name": "ipython", "version": 3},
}  # fmt: skip
# What tags of a cell do here: what they do in papermill and nbclient, whose names they are.
TAGS = {
    "parameters": "declares the parameters; a cell with the values of this run is put behind it",
    "injected-parameters": "was put in by an earlier run, and is replaced",
    "papermill-error-cell-tag": "was put in by an earlier run that failed, and is taken out",
    "skip-execution": "is not run",
    "raises-exception": "may fail: its error is shown, and the notebook goes on",
}
_WITH_IDS = (4, 5)
_ASSIGNED = re.compile(r"^\s*(?:(?:val|let|var|const)\s+)?([A-Za-z_.][\w.]*)\s*(?:=|<-)\s*(.+?)\s*;?\s*(?:#.*)?$", re.MULTILINE)


class Declared(NamedTuple):
    """A parameter as a notebook declares it: its name, its default as written there, and its type as written there, if it is."""

    name: str
    default: str
    annotation: str = ""


def read(path: Path) -> Any:
    """Read a notebook of any format; what older ones and other programs leave out is filled in, the same each time.

    Raises
    ------
    UsageError
        If there is none, the file is no notebook, or nobody here can run it: it says which kernel is missing and how to get it.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise of_system(error, "studies.notebook", path) from error
    try:
        notebook = _upgraded(json.loads(text))
    except (ValueError, TypeError, AttributeError, KeyError) as error:  # whatever nbformat stumbles over in a file that is none
        raise UsageError.of("studies.no_notebook", path, notebook=both("studies.notebook")) from error
    notebook.metadata["kernelspec"] = kernel_of(notebook.metadata, path)
    return notebook


def _upgraded(data: Any) -> Any:
    """Bring a notebook to the newest format, with an id for each cell that has none: nbformat would draw them at random."""
    import nbformat

    data.setdefault("nbformat", 4)
    data.setdefault("nbformat_minor", 0)
    if not isinstance(data.setdefault("metadata", {}), dict):
        data["metadata"] = {}
    has_ids = (data["nbformat"], data["nbformat_minor"]) >= _WITH_IDS
    for cell in (cell for sheet in data.get("worksheets", [data]) for cell in sheet["cells"]):
        _complete(cell)
    if data["nbformat"] == _WITH_IDS[0]:
        _identify(data["cells"], has_ids)
        data["nbformat_minor"] = max(data["nbformat_minor"], _WITH_IDS[1])
    read = nbformat.reads(json.dumps(data), as_version=_WITH_IDS[0])  # type: ignore[no-untyped-call]
    notebook = nbformat.from_dict(read)  # type: ignore[no-untyped-call]  # an old one keeps its old class, which papermill does not know
    _identify(notebook.cells, has_ids or data["nbformat"] == _WITH_IDS[0])
    return notebook


def _identify(cells: Iterable[Any], has_ids: bool) -> None:
    """Give each cell an id that no other has; what it has stays."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if not has_ids or not cell.get("id") or cell["id"] in seen:
            cell["id"] = f"cell-{number}"
        seen.add(cell["id"])


def _complete(cell: dict[str, Any]) -> None:
    """Fill in what a cell must have, and let its tags be a list."""
    metadata = cell["metadata"] = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    tags = metadata.setdefault("tags", [])
    metadata["tags"] = [str(tag) for tag in tags] if isinstance(tags, list) else str(tags).split(",")
    if not metadata["tags"]:
        del metadata["tags"]
    if cell.get("cell_type") == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
        if not isinstance(cell["execution_count"], int):
            cell["execution_count"] = None


def kernel_of(metadata: Mapping[str, Any], where: Path) -> dict[str, str]:
    """Return the kernel that a notebook is run by: this Python for those in Python, else the one that it names, if it is installed.

    Another Python that is installed as a kernel of its own runs the notebooks that name it; one that is not installed here is this one.

    Raises
    ------
    UsageError
        If it is in another language, and no kernel of that name is installed.
    """
    said, info = metadata.get("kernelspec") or {}, metadata.get("language_info") or {}
    name = str(said.get("name") or "")
    if name == PYTHON["name"] or not (name or info.get("name")):
        return dict(PYTHON)
    known = _installed(name)
    language = str(said.get("language") or (known and known.language) or info.get("name") or ("python" if "python" in name else ""))
    if language.casefold() in ("python", "ipython", "python3") and (known is None or is_this_python(known)):
        return dict(PYTHON)
    if known is None:
        from jupyter_client.kernelspec import KernelSpecManager

        there = "、".join(sorted(KernelSpecManager().find_kernel_specs()) or ["—"])
        raise UsageError.of("studies.no_kernel", where, kernel=name or "—", spoken=language or "—", there=there)
    if not _is_translated(name, language):
        raise UsageError.of("studies.untranslated", where, kernel=name, spoken=language)
    return {"name": name, "display_name": str(said.get("display_name") or known.display_name), "language": language}


def _installed(name: str) -> Any:
    """Return the description of an installed kernel; None if there is none of that name."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return KernelSpecManager().get_kernel_spec(name) if name else None
    except NoSuchKernel:
        return None


def is_this_python(spec: Any) -> bool:
    """Say whether an installed kernel is ipykernel in this very Python, with nothing set for it."""
    if spec.env or not any(part.startswith("ipykernel") for part in spec.argv):
        return False
    program = spec.argv[0]
    return program in ("python", "python3") or os.path.dirname(os.path.abspath(program)) == os.path.dirname(os.path.abspath(sys.executable))


def _is_translated(name: str, language: str) -> bool:
    """Say whether papermill can write parameters in a language."""
    from papermill.exceptions import PapermillException
    from papermill.translators import papermill_translators

    try:
        return bool(papermill_translators.find_translator(name, language))
    except PapermillException:
        return False


def is_own(notebook: Any) -> bool:
    """Say whether a notebook is run by this very Python."""
    return bool(notebook.metadata["kernelspec"]["name"] == PYTHON["name"])


@cache
def _declarations(text: str, is_python: bool) -> tuple[Declared, ...]:
    if not is_python:
        return tuple(Declared(name, default) for name, default in _ASSIGNED.findall(text))
    try:
        return tuple(_of_python(text))
    except SyntaxError:  # a magic, for instance: papermill reads line by line
        from papermill.translators import PythonTranslator

        found = PythonTranslator.inspect({"source": text, "cell_type": "code"})
        return tuple(Declared(one.name, one.default, one.inferred_type_name.replace("None", "")) for one in found)


def _of_python(text: str) -> Iterator[Declared]:
    """Yield what a cell in Python assigns; a type is annotated, or stands in a comment behind the value, as papermill reads it."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                comment = re.search(r"#\s*type:\s*([^#]+)", lines[(node.end_lineno or 1) - 1])
                annotation = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else comment[1].strip() if comment else ""
                yield Declared(target.id, ast.get_source_segment(text, node.value) or "", annotation)


def parameters_of(path: Path) -> tuple[Declared, ...]:
    """Return the parameters that a notebook declares, in its first cell tagged ``parameters``.

    Raises
    ------
    UsageError
        As :func:`read`.
    """
    notebook = read(path)
    cell = next((cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())), None)
    return _declarations(cell.source, notebook.metadata["kernelspec"]["language"] == "python") if cell else ()
