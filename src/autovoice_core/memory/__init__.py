"""What memory is in use, and a limit to it that the user sets."""

from autovoice_core.memory.monitor import GPUMemoryMonitor, Section

__all__ = ["GPUMemoryMonitor", "Section"]
