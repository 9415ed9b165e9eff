"""Kernels of core's algorithms in CUDA C++, and pitch detection on arrays of any library."""

from autovoice_cuda.kernels.launch import launch_pitch_detection

__all__ = ["launch_pitch_detection"]
