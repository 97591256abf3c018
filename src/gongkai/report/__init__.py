"""One report: ``read_report`` reads it, ``Report`` holds it; how it is shown, explained and cited."""

from gongkai.report.report import STATUSES, Report, read_report

__all__ = ["STATUSES", "Report", "read_report"]
