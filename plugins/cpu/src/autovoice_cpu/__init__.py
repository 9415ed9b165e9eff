"""AutoVoice's backends for ordinary processors: NumPy, Numba and ONNX Runtime; no torch."""

import autovoice_core  # noqa: F401  # before all else: it switches off ONNX Runtime's telemetry
