"""Reports on a conversion: one page to read, look at and listen to, and the figures as data."""

from autovoice_core.report.write import Report, report_on, write_report

__all__ = ["Report", "report_on", "write_report"]
