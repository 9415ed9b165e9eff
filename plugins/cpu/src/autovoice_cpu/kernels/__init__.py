"""Kernels of core's algorithms, compiled by Numba."""
