"""Memory: what is in use, a limit that the user sets, and errors of running out of it."""

from autovoice_core.memory.monitor import GPUMemoryMonitor, Section

__all__ = ["GPUMemoryMonitor", "Section"]
