"""gongkai reads Chinese local governments' annual information-disclosure reports into data that can be defended in print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gongkai.core.errors import ReportError

if TYPE_CHECKING:
    from gongkai import indicators, inference
    from gongkai.corpus import Corpus, read_corpus
    from gongkai.report import Report, read_report

__version__ = "0.1.0"
__all__ = ["Corpus", "Report", "ReportError", "__version__", "indicators", "inference", "read_corpus", "read_report"]
_ROOMS = {"Report": "report", "read_report": "report", "Corpus": "corpus", "read_corpus": "corpus"}


def __getattr__(name: str) -> Any:
    """Import a room when it or a name of it is first used, so that ``import gongkai`` costs nothing."""
    from importlib import import_module

    if name in ("indicators", "inference"):
        return import_module(f"gongkai.{name}")
    if name in _ROOMS:
        return getattr(import_module(f"gongkai.{_ROOMS[name]}"), name)
    raise AttributeError(f"module 'gongkai' has no attribute {name!r}")
