"""Files that are there whole or not at all, however the process that writes them ends; and where the project's notebooks are."""

from __future__ import annotations

import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from gongkai.core.errors import UsageError


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        if sys.platform != "win32":
            Path(scratch).chmod(0o644)
        os.replace(scratch, path)
    finally:
        Path(scratch).unlink(missing_ok=True)


def find_notebook(name: str) -> Path:
    """Return a notebook of the project: from the installed package, else from the top of the tree.

    Examples
    --------
    >>> find_notebook("studies/county_study.ipynb").name
    'county_study.ipynb'
    """
    package = Path(str(resources.files("gongkai")))
    places = [package / "notebooks" / name, package.parents[1] / "notebooks" / name]
    for place in places:
        if place.is_file():
            return place
    tried = "、".join(map(str, places))
    raise UsageError(
        name, ("随包安装的笔记本", "a notebook of the package"), (f"{tried} 均不存在", f"none of {tried}"),
        ("重新安装 gongkai", "install gongkai again"),
    )  # fmt: skip


@cache
def packaged(package: str, name: str) -> Mapping[str, Any]:
    """Return what a TOML file of the package says; the file is read once.

    Examples
    --------
    >>> packaged("gongkai.core", "findings.toml")["balance"]["level"]
    'error'
    """
    return tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
