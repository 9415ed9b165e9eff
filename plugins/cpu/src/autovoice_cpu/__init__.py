"""AutoVoice's backends for ordinary processors: NumPy, SciPy, Numba and ONNX Runtime; no torch."""
