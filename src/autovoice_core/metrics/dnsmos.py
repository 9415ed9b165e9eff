"""DNSMOS P.835: overall quality by a network that was trained on rated speech.

Reddy, Gopal and Cutler, "DNSMOS P.835: a non-intrusive perceptual objective speech quality metric
to evaluate noise suppressors" (ICASSP 2022). The network is read from the wheel of the
``speechmos`` package; the package itself is not imported.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autovoice_core.models.onnx import OnnxNetwork

WINDOW_FRAMES = 144_160
"""Samples that the network takes at a time: 9.01 s."""

# Polynomial from the network's output to the mean opinion score.
_MOS_COEFFICIENTS = (-0.06766283, 1.11546468, 0.04602535)
_OVERALL_COLUMN = 2


class Dnsmos:
    """The network. Scores run from 1, bad, to 5, excellent."""

    def __init__(self) -> None:
        package = find_spec("speechmos")
        if package is None or not package.origin:
            raise ModuleNotFoundError("speechmos is not installed")
        file = Path(package.origin).with_name("dnsmos_models") / "sig_bak_ovr.onnx"
        self._network = OnnxNetwork(file.read_bytes())

    def score(self, samples: NDArray[np.float32]) -> float:
        """Return the overall score of ``samples``, ``(144160,)`` float32 within -1 to 1."""
        (raw,) = self._network.run(None, {"input_1": samples[None]})
        return float(np.polyval(_MOS_COEFFICIENTS, float(raw[0, _OVERALL_COLUMN])))
