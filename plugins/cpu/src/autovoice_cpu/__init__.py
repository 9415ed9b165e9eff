"""AutoVoice on ordinary processors: NumPy, SciPy, Numba and ONNX Runtime; no torch."""
