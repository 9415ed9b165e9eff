"""CUDA C++ kernels, and the functions that run them on anybody's arrays."""

from autovoice_cuda.kernels.launch import launch_pitch_detection

__all__ = ["launch_pitch_detection"]
