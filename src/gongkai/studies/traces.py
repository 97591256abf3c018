"""What a run leaves in a notebook that differs from run to run, or that a terminal would have overwritten: taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gongkai.studies.notebooks import LANGUAGE, PYTHON, is_own

_CELL_FILE = re.compile(
    r"(?<![^\s'\"])[^\s'\"]*?ipykernel_\d+[/\\]"
)  # the temporary file, with a process number, that warnings give for a cell
_RANDOM = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?![0-9a-f])")
_MOVES = re.compile(r"\r(?!\n)|\x08|\x1b\[\d*[ABK]")
_STEPS = re.compile(r"\r\n|\x1b\[(\d*)([ABK])|\x1b\[[0-9;?]*[ -/]*[@-~]|([\n\r\x08])|([^\n\r\x08\x1b]+)|\x1b")
WIDGETS = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def without_traces_of_the_run(notebook: Any) -> Any:
    """Remove times, paths and random ids, so that two runs of one study give the same bytes."""
    notebook.metadata.pop("papermill", None)
    if is_own(notebook):
        notebook.metadata["language_info"], notebook.metadata["kernelspec"] = dict(LANGUAGE), dict(PYTHON)
    else:
        notebook.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(notebook.cells):
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if added := {"injected-parameters", "papermill-error-cell-tag"} & set(cell.metadata.get("tags", ())):
            cell["id"] = f"{added.pop()}-{number}"
        if "outputs" in cell:
            cell["outputs"] = list(_joined(cell["outputs"]))
    return _numbered(notebook)


def _joined(outputs: Any) -> Iterator[Any]:
    """Yield outputs, what was printed in pieces as one: when a piece ends is a matter of time, and a bar overwrites the piece before."""
    held: Any = None
    for output in outputs:
        if output.output_type == "stream" and held is not None and held.name == output.name:
            held["text"] += output["text"]
            continue
        if held is not None:
            yield _as_shown(held)
        held = output if output.output_type == "stream" else None
        if held is None:
            yield output
    if held is not None:
        yield _as_shown(held)


def _as_shown(stream: Any) -> Any:
    stream["text"] = as_shown(_CELL_FILE.sub("cell-", stream["text"]))
    return stream


def as_shown(text: str) -> str:
    r"""Return what a terminal shows in the end of a text that goes back on its lines, as progress bars do; any other stays as it is.

    Examples
    --------
    >>> as_shown(" 10 %\r 50 %\r100 %\nready"), as_shown("a\nb\x1b[A\x1b[2Kc")
    ('100 %\nready', ' c\nb')
    """
    if not _MOVES.search(text):
        return text
    lines, row, column = [list[str]()], 0, 0
    for step in _STEPS.finditer(text):
        count, move, control, plain = step.groups()
        if plain:
            line = lines[row]
            line.extend(" " * (column - len(line)))
            line[column : column + len(plain)] = plain
            column += len(plain)
        elif control == "\n" or step[0] == "\r\n":
            row, column = row + 1, 0
        elif control:
            column = 0 if control == "\r" else max(column - 1, 0)
        elif move == "K":
            lines[row][column if count in ("", "0") else 0 :] = []
        elif move:
            row = max(row - int(count or 1), 0) if move == "A" else row + int(count or 1)
        while row >= len(lines):
            lines.append([])
    return "\n".join("".join(line).rstrip() for line in lines)


def _numbered(notebook: Any) -> Any:
    """Give widgets, and what else was named at random in the outputs, names by their order.

    Only names are touched that say themselves that they are random: those of widgets, and ids of version 4 in what is displayed.
    """
    state: Mapping[str, Any] = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    names = {model: f"{number:032x}" for number, model in enumerate(state, 1)}
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]
    for output in shown:
        for kind, data in output["data"].items():
            if kind == "text/html" and isinstance(data, str):
                for found in _RANDOM.findall(data):
                    if "-" in found:
                        names.setdefault(found, f"00000000-0000-4000-8000-{len(names) + 1:012x}")
    if names:
        for output in shown:
            output["data"] = _renamed(output["data"], names)
        if state:
            notebook.metadata["widgets"] = _renamed(notebook.metadata["widgets"], names)
    return notebook


def _node(value: Mapping[str, Any]) -> Any:
    import nbformat

    return nbformat.from_dict(value)  # type: ignore[no-untyped-call]


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return JSON with the names in it replaced, keys included."""
    if isinstance(value, str):
        return _RANDOM.sub(lambda found: names.get(found[0], found[0]), value)
    if isinstance(value, Mapping):
        return _node({_renamed(key, names): _renamed(each, names) for key, each in value.items()})
    return [_renamed(each, names) for each in value] if isinstance(value, list) else value
