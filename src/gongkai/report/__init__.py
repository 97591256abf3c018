"""One report: ``read_report`` reads it, ``Report`` holds it; its view, its explanations, its citations."""

from gongkai.report.report import STATUSES, Report, read_report

__all__ = ["STATUSES", "Report", "read_report"]
