"""Reports on a conversion: an HTML page with figures, plots and audio, and the same as data."""

from autovoice_core.report.report import Report, report_on, write_report

__all__ = ["Report", "report_on", "write_report"]
