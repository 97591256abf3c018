"""What the engine takes from other libraries unpromised: it is there, in one place, and the versions that were tested are known."""

from __future__ import annotations

import ast
import pkgutil
import re
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from papermill_fork import internals

ROOT = Path(__file__).resolve().parents[1]
ENGINE = sorted((ROOT / "src" / "papermill_fork").glob("*.py"))


def test_every_unpromised_member_is_there() -> None:
    gone = "\n".join(internals.missing())
    assert not gone, f"The installed libraries lack what papermill_fork/internals.py uses of {internals.TESTED}:\n{gone}"


@pytest.mark.parametrize("member", internals.MEMBERS)
def test_a_member_that_is_gone_is_named_with_its_purpose(monkeypatch: pytest.MonkeyPatch, member: str) -> None:
    module, _, names = member.partition(":")
    monkeypatch.delattr(pkgutil.resolve_name(f"{module}:{names.rpartition('.')[0]}"), names.rpartition(".")[2])
    assert internals.missing() == [f"{member}, {internals.MEMBERS[member]}"]


def test_a_module_that_is_gone_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internals, "MEMBERS", {"ipykernel.no_such_module:Kernel": "why"})
    assert internals.missing() == ["ipykernel.no_such_module:Kernel, why"]


def private(tree: ast.AST) -> set[str]:
    """Return the private names that a module asks of something else than itself: neither defined nor assigned in it."""
    asked = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr.startswith("_") and not n.attr.startswith("__")}
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    assigned = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) and n.attr in asked}
    return asked - defined - assigned - {"_exit", "_getframe"}  # os._exit and sys._getframe are documented


@pytest.mark.parametrize("path", [p for p in ENGINE if p.name != "internals.py"], ids=lambda p: p.name)
def test_private_members_are_used_in_one_module_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names if a.name.startswith("_")}
    assert private(tree) | imported == set()


def test_the_one_module_lists_every_private_member_that_it_uses() -> None:
    tree = ast.parse(Path(internals.__file__).read_text(encoding="utf-8"))
    used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and re.match(r"_[^_]", n.attr)}
    listed = {member.replace(":", ".").rsplit(".", 1)[1] for member in internals.MEMBERS}
    assert used and used <= listed


def test_the_tested_versions_are_those_of_the_lock() -> None:
    """Who raises the lock runs tests/test_engine.py with it, and then writes the new versions into internals.TESTED."""
    lock = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {name: lock[name] for name in internals.TESTED} == internals.TESTED
    modules = {member.split(":")[0].split(".")[0].lower() for member in internals.MEMBERS} - {"atexit"}
    assert {canonicalize_name(module) for module in modules} <= internals.TESTED.keys()
