"""gongkai reads Chinese local governments' annual information-disclosure reports into data that can be defended in print."""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would take most of the time before the command line can answer an interrupt
if TYPE_CHECKING:
    from typing import Any

    from gongkai import indicators, inference
    from gongkai.core.errors import ReportError
    from gongkai.corpus import Corpus, read_corpus
    from gongkai.report import Report, read_report
    from gongkai.studies import plots

__version__ = "0.1.0"
__all__ = ["Corpus", "Report", "ReportError", "__version__", "indicators", "inference", "plots", "read_corpus", "read_report"]
_ROOMS = {"ReportError": "core.errors", "Report": "report", "read_report": "report", "Corpus": "corpus", "read_corpus": "corpus"}


def __getattr__(name: str) -> Any:
    """Import a room when it or a name of it is first used, so that ``import gongkai`` costs nothing."""
    from importlib import import_module

    if name in ("indicators", "inference", "plots"):
        return import_module("gongkai.studies.plots" if name == "plots" else f"gongkai.{name}")
    if name in _ROOMS:
        return getattr(import_module(f"gongkai.{_ROOMS[name]}"), name)
    raise AttributeError(f"module 'gongkai' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what is there for the user, what is imported late included, and nothing else of this file."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
