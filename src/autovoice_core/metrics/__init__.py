"""How far a recording lies from another: waveform, pitch, loudness, speaker, words, quality."""

from autovoice_core.metrics.comparing import Metrics, compute_metrics
from autovoice_core.metrics.judges import Judges, installed_judges

__all__ = ["Judges", "Metrics", "compute_metrics", "installed_judges"]
