"""The house: data flows one way, and a room imports only from the rooms above it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "gongkai"

# From the page down to the ends. A folder stands for what is in it.
ROOMS = (
    "errors", "files", "model", "tables", "text", "texts", "prose", "findings", "forms", "readers",
    "stack", "unpack", "columns", "strips", "across", "labels", "match", "align", "curation", "reconcile",
    "kinds", "heads", "listing", "outline", "statistics", "edition",
    "sections", "sums", "statements", "figures", "front",
    "places", "render", "templates", "show", "explain", "citation", "report", "between", "codebook",
    "own", "manifest", "spread", "store", "gather", "assemble", "build", "panel", "coverage", "selection", "corpus", "trace", "compare",
    "unread", "counties", "inference", "indicators", "sensitivity", "canvas", "plots", "fragments", "study", "chapters", "comparison",
    "export", "audit", "simulate", "lessons", "engine", "execute", "site", "outcome", "resume", "parameters", "targets", "batch",
    "commands", "cli",
)  # fmt: skip
DOORS = {"__init__", "__main__"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the rooms that a module imports from, when it is read or later; what only a type checker imports does not count."""
    branches = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    typing = {id(n) for branch in branches for n in ast.walk(branch)}
    for node in ast.walk(tree):
        if id(node) in typing:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gongkai":
            parts = (node.module or "").split(".")
            yield from [parts[1]] if len(parts) > 1 else [a.name for a in node.names if a.name in ROOMS]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_rooms_above(path: Path) -> None:
    here = room(path)
    if here in DOORS:
        return
    above = {*ROOMS[: ROOMS.index(here) + 1]}
    assert set(imports(ast.parse(path.read_text(encoding="utf-8")))) - above == set()


def test_every_room_is_on_the_plan_once() -> None:
    assert sorted({room(p) for p in MODULES} - DOORS) == sorted(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60] == []


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import gongkai, sys; print([m for m in ('pandas', 'numpy', 'matplotlib', 'selectolax', 'rapidfuzz') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_no_reading_depends_on_what_comes_after_it_and_every_other_room_counts() -> None:
    from gongkai.store import ENDS

    assert set(ROOMS[ROOMS.index("assemble") :]) <= set(ENDS)
    assert set(ENDS) <= {*ROOMS, "fonts", "notebooks"}
    assert not set(ENDS) & set(ROOMS[: ROOMS.index("front") + 1])
