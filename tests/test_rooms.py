"""The house: data flows one way, and a room imports only from the rooms before it on one line."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "gongkai"
ORDER = "core < forms, readers, places, inference < extract < report < indicators < corpus < synthetic < studies < cli"
EXTRACT = "alignment, narrative < identities < hollow < checks < lists, corrections < edition < marks < several"
FLOORS = [floor.split(", ") for floor in ORDER.split(" < ")]
ROOMS = [room for floor in FLOORS for room in floor]
DOORS = {"__init__", "__main__"}
MOST_NAMES = 14
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_name(path: Path) -> str:
    return ".".join(("gongkai", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def imported(tree: ast.AST, typing: bool) -> Iterator[str]:
    """Yield the modules of the package that a module imports, when it is read or later; and, where asked, what a type checker imports."""
    branches = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    hidden = set() if typing else {id(n) for branch in branches for n in ast.walk(branch)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in hidden and (node.module or "").split(".")[0] == "gongkai":
            yield from [f"{node.module}.{a.name}" for a in node.names]
            yield str(node.module)


def before(room: str) -> set[str]:
    """Return the rooms from which a room may import: itself, and those of the floors before its own."""
    floor = next(n for n, rooms in enumerate(FLOORS) if room in rooms)
    return {room, *(r for rooms in FLOORS[:floor] for r in rooms)}


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) not in DOORS], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_rooms_before_its_own(path: Path) -> None:
    names = imported(ast.parse(path.read_text(encoding="utf-8")), typing=True)
    rooms = {name.split(".")[1] for name in names if name.count(".") > 1 or name.split(".")[-1] in ROOMS}
    assert rooms & {*ROOMS} <= before(room_of(path))


def test_no_modules_import_each_other_in_a_circle() -> None:
    """What a door of a room shows from inside it does not count: whoever stands inside asks the module itself."""
    known = {module_name(p): p for p in MODULES if p.name != "__init__.py"}
    read = {name: imported(ast.parse(p.read_text(encoding="utf-8")), typing=True) for name, p in known.items()}
    asks = {name: {m for m in modules if m in known} - {name} for name, modules in read.items()}
    while free := [name for name, others in asks.items() if not others & asks.keys()]:
        for name in free:
            del asks[name]
    assert asks == {}


def test_the_rooms_of_extract_stand_in_the_order_of_its_picture() -> None:
    assert EXTRACT in (PACKAGE.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    floors = [floor.split(", ") for floor in EXTRACT.split(" < ")]
    rooms = [room for floor in floors for room in floor]
    for path in (PACKAGE / "extract").rglob("*.py"):
        own = path.relative_to(PACKAGE / "extract").parts[0].removesuffix(".py")
        names = [name.split(".") for name in imported(ast.parse(path.read_text(encoding="utf-8")), typing=True)]
        asked = {name[2] for name in names if name[:2] == ["gongkai", "extract"] and len(name) > 2 and name[2] in rooms}
        until = next((n for n, floor in enumerate(floors) if own in floor), 0)
        assert asked <= {own, *(room for floor in floors[:until] for room in floor)}, path.name


def test_every_room_is_on_the_line_and_there_are_few() -> None:
    found = {room_of(p) for p in MODULES} - DOORS
    assert found == set(ROOMS)
    assert len([p for p in PACKAGE.iterdir() if p.suffix == ".py" or (p.is_dir() and any(p.rglob("*.py")))]) <= MOST_NAMES


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60] == []


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import gongkai, sys; print([m for m in ('pandas', 'numpy', 'matplotlib', 'selectolax', 'rapidfuzz') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_scratch_is_made_where_that_of_killed_runs_is_cleared() -> None:
    """A temporary folder of another making stays for ever when its process is killed."""
    made = {p for p in MODULES if re.search(r"TemporaryDirectory\(|mkdtemp\(", re.sub(r"(?m)^ +>>>.*", "", p.read_text(encoding="utf-8")))}
    assert made == {PACKAGE / "core" / "files.py"}
