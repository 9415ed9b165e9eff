"""Overall quality as a network hears it that was trained on rated speech: DNSMOS P.835.

Reddy, Gopal and Cutler, "DNSMOS P.835: a non-intrusive perceptual objective speech quality metric
to evaluate noise suppressors" (ICASSP 2022). The network lies in the wheel of the ``speechmos``
package and is run from there; the package itself, and what it imports, is not.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
LENGTH = 144_160
"""Samples that the network hears at once: 9.01 s."""

# From the network's output to the scale of the listeners, for the overall score.
_TO_MOS = (-0.06766283, 1.11546468, 0.04602535)
_OVERALL = 2


class Dnsmos:
    """The network, opened. Scores run from 1, bad, to 5, excellent."""

    def __init__(self) -> None:
        import onnxruntime

        package = find_spec("speechmos")
        if package is None or not package.origin:
            raise ModuleNotFoundError("speechmos is not installed")
        options = onnxruntime.SessionOptions()
        # Threads that wait must not keep the processor from those that work.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            Path(package.origin).with_name("dnsmos_models") / "sig_bak_ovr.onnx",
            options,
            providers=["CPUExecutionProvider"],
        )

    def score(self, samples: NDArray[np.float32]) -> float:
        """Return the overall score of ``samples``, ``(144160,)`` float32 within -1 to 1."""
        (raw,) = self._session.run(None, {"input_1": samples[None]})
        return float(np.polyval(_TO_MOS, float(raw[0, _OVERALL])))
