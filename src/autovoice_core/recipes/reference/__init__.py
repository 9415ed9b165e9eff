"""Slow float64 twins of the kernels, in plain NumPy: the truth that backends are judged by."""
