"""Kernels in Triton, and the functions that run them on anybody's tensors."""

from autovoice_triton.kernels.launch import launch_pitch_detection

__all__ = ["launch_pitch_detection"]
