"""One notebook in two languages: its prose cell by cell, its code run once and only what says words again for the second."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy, deepcopy
from typing import Any

from gongkai.core.messages import LANGUAGES

LANGUAGE = "language"
FIRST, SECOND = LANGUAGES
# In the notebook's metadata: the cells that say words may run a second time, since they change nothing that a cell above has made.
TOGETHER = "words_run_again"
_AGAIN, _TURN, _MARK = "again", "turn", "papermill-error-cell-tag"
_SET = re.compile(rf'^{LANGUAGE} = "{FIRST}"', re.MULTILINE)


def in_language(cells: Iterable[Mapping[str, Any]], language: str) -> list[Mapping[str, Any]]:
    """Leave out the cells that are tagged for another language.

    Examples
    --------
    >>> cells = [{"metadata": {"tags": [code]}} for code in ("zh", "en")] + [{"metadata": {}}]
    >>> len(in_language(cells, "en"))
    2
    """
    others = {*LANGUAGES} - {language}
    return [cell for cell in cells if language in tags(cell) or not others & tags(cell)]


def told_in(notebook: Any, languages: Sequence[str]) -> Any:
    """Return an executed notebook in the language that it is for, or as it is where it is for both.

    Of one that ran for both languages at once (:func:`twice`), the second has the outputs of the second turn where there is one.
    """
    if len(languages) != 1:
        return notebook
    told, (language,) = copy(notebook), languages
    told["cells"] = in_language(_turn(notebook["cells"], language), language)
    return told


def together(notebook: Any) -> bool:
    """Say whether a notebook allows that its cells with words run again, so that one run serves both languages."""
    return bool(notebook.metadata.get("gongkai", {}).get(TOGETHER))


def twice(notebook: Any) -> Any:
    """Return the notebook with a second turn at its end: the other language, and once more each cell that depends on it."""
    whole = copy(notebook)
    turn = {"cell_type": "code", "id": _TURN, "metadata": {"tags": [_TURN]}, "source": f'{LANGUAGE} = "{SECOND}"', "outputs": []}
    again = [_copied(notebook["cells"][n]) for n in spoken([*map(_code, notebook["cells"])])]
    whole["cells"] = [*notebook["cells"], _node({**turn, "execution_count": None}), *again]
    return whole


def spoken(sources: Sequence[str]) -> list[int]:
    """Return the numbers of the cells that depend on the language, by the names that they use and make.

    A cell whose name another cell makes too runs again as well, so that the second turn finds each name as the first did.

    Examples
    --------
    >>> spoken(["n = 3", "word = {'zh': '件'}[language]", "print(word, n)", "n + 1"])
    [1, 2]
    """
    used, made = zip(*map(_names, sources), strict=True) if sources else ((), ())
    several = {name for own in made for name in own if sum(name in other for other in made) > 1}
    chosen: set[int] = set()
    while True:
        words = {LANGUAGE}.union(*(made[n] for n in chosen))
        needed = several.intersection(*[set().union(*(used[n] for n in chosen))])
        found = {n for n in range(len(sources)) if used[n] & words or made[n] & needed}
        if found == chosen:
            return sorted(chosen)
        chosen = found


def failed_in(notebook: Any, cell: int | None) -> tuple[tuple[str, ...], int | None]:
    """Say in which languages a notebook failed that ran for both at once, and at which of their cells."""
    counts = {c["metadata"].get(_AGAIN): c.get("execution_count") for c in notebook["cells"] if c["metadata"].get(_AGAIN)}
    origin = next((i for i, count in counts.items() if cell is not None and count == cell), None)
    if origin is None:
        return LANGUAGES, cell
    return (SECOND,), next(c.get("execution_count") for c in notebook["cells"] if c["id"] == origin)


def _code(cell: Mapping[str, Any]) -> str:
    return cell["source"] if cell["cell_type"] == "code" and "parameters" not in tags(cell) else ""


def _copied(cell: Any) -> Any:
    again = deepcopy(cell)
    again["id"], again["metadata"][_AGAIN] = f"{_AGAIN}-{cell['id']}"[:64], cell["id"]
    return again


def _turn(cells: Sequence[Any], language: str) -> Iterator[Any]:
    """Yield the cells of one language: those of the first turn, for the second with what the second turn gave of them."""
    parts = [n for n, cell in enumerate(cells) if _TURN in tags(cell)] or [len(cells)]
    first, later = cells[: parts[0]], cells[parts[0] + 1 :]
    marked = any(_MARK in tags(cell) for cell in later)
    again = {cell["metadata"].get(_AGAIN): cell for cell in later}
    for cell in first:
        if marked and _MARK in tags(cell) and language == FIRST:
            continue
        yield _in_second(cell, again.get(cell["id"])) if later and language == SECOND else cell


def _in_second(cell: Any, other: Any) -> Any:
    told = copy(cell)
    if other is not None:
        told["outputs"] = other["outputs"]
    if cell["cell_type"] == "code" and {"parameters", "injected-parameters"} & tags(cell):
        told["source"] = _SET.sub(f'{LANGUAGE} = "{SECOND}"', cell["source"])
    return told


def _names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that code uses, and those that it makes; of code that is no Python, such as a magic, the language if it names it."""
    try:
        nodes = [*ast.walk(ast.parse(source))]
    except SyntaxError:
        return {LANGUAGE} if re.search(rf"\b{LANGUAGE}\b", source) else set(), set()
    named = [node for node in nodes if isinstance(node, ast.Name)]
    imported = {a.asname or a.name.split(".")[0] for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for a in node.names}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made = {node.id for node in named if not isinstance(node.ctx, ast.Load)}
    return {node.id for node in named if isinstance(node.ctx, ast.Load)}, made | imported | defined


def tags(cell: Mapping[str, Any]) -> set[str]:
    """Return the tags of a cell."""
    return {*cell.get("metadata", {}).get("tags", ())}


def _node(value: Mapping[str, Any]) -> Any:
    import nbformat

    return nbformat.from_dict(value)  # type: ignore[no-untyped-call]
