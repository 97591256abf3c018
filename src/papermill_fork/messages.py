"""The engine's messages about failed cells, in Chinese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("zh", "en")


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("messages.toml").read_text(encoding="utf-8"))


def say(key: str, language: str, **values: Any) -> str:
    """Return one of the engine's sentences.

    Examples
    --------
    >>> say("timeout", "en", seconds=3, s="s")
    'the cell did not finish within 3 seconds and was stopped'
    """
    return _words()[key][language].format(**values)
