"""Kernels of core's algorithms in Triton, and pitch detection on arrays of any library."""

from autovoice_triton.kernels.launch import launch_pitch_detection

__all__ = ["launch_pitch_detection"]
