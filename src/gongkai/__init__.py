"""gongkai reads Chinese local governments' annual information-disclosure reports into data that can be defended in print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gongkai.errors import ReportError

if TYPE_CHECKING:
    from gongkai.report import Report, read_report

__version__ = "0.1.0"
__all__ = ["Report", "ReportError", "__version__", "read_report"]


def __getattr__(name: str) -> Any:
    """Import the spine when it is first used, so that ``import gongkai`` costs nothing."""
    if name in ("Report", "read_report"):
        from gongkai import report

        return getattr(report, name)
    raise AttributeError(f"module 'gongkai' has no attribute {name!r}")
