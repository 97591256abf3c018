"""What the package carries as data: its TOML files, each read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def packaged(package: str, name: str) -> Mapping[str, Any]:
    """Return what a TOML file beside the modules of a package says; the file is read once.

    Examples
    --------
    >>> packaged("gongkai.core", "findings.toml")["balance"]["level"]
    'error'
    """
    return tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
