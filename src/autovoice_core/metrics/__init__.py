"""Figures of a recording against its reference: waveform, pitch, loudness, speaker, words."""

from autovoice_core.metrics.comparison import Metrics, compute_metrics
from autovoice_core.metrics.judges import Judges, installed_judges

__all__ = ["Judges", "Metrics", "compute_metrics", "installed_judges"]
