"""The SwiftF0 network with the class posteriors and the voicing logit that its file computes.

The package returns one f0 and one confidence for each frame. The ONNX graph computes both from the
logits of 95 classes of f0 and of voicing, which say more: which other f0 would fit, and how well.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
import swift_f0
from attrs import frozen
from numpy.typing import NDArray
from swift_f0 import SwiftF0

from autovoice_core import AutoVoiceError
from autovoice_core.models import OnnxNetwork
from autovoice_cpu.swiftf0_frames import HOP
from autovoice_cpu.swiftf0_level import frame_energies, level

Floats = NDArray[np.float64]

CLASS_LOGITS, VOICING_LOGIT = "v429", "v437"
"""Tensors of the graph of swift-f0 0.3.0, the version that is required."""
CLASSES = 95
CLASS_F0: Floats = np.geomspace(46.875, 2093.75, CLASSES)
"""Hz; f0 of each class."""
WINDOW_FRAMES, CONTEXT_FRAMES = 1875, 12
"""Frames that the network is given at a time, and those on each side that they depend on."""


@frozen(eq=False)
class Posteriors:
    """What the network finds in a sound, frame by frame.

    Attributes
    ----------
    log_posterior
        ``(frames, CLASSES)`` logarithm of the probability of each class of f0.
    voicing
        ``(frames,)`` log odds of voicing; minus infinity in silence.
    energy
        ``(frames,)`` energy of the 32 ms around each frame, less their mean.
    """

    log_posterior: Floats
    voicing: Floats
    energy: Floats


class PosteriorNetwork(SwiftF0):  # type: ignore[misc]  # the package is not followed by mypy
    """The network of the package, whose session has the logits as outputs too."""

    def __init__(self, threads: int) -> None:
        model = Path(swift_f0.__file__).with_name("model.onnx").read_bytes()
        outputs = _graph_output(CLASS_LOGITS) + _graph_output(VOICING_LOGIT)
        try:
            self.session = OnnxNetwork(model + outputs, threads=threads)
            logits, voicing = self._logits(np.zeros(4 * HOP, np.float32))
            known = logits.shape == (4, CLASSES) and voicing.shape == (4,)
        except Exception as error:
            raise _other_network() from error
        if not known:
            raise _other_network()

    def posteriors(self, samples: NDArray[np.float32]) -> Posteriors:
        """Return the posteriors of ``(n,)`` samples at 16 kHz, at any level."""
        energy = frame_energies(samples)
        levelled = level(samples, energy)
        count = len(energy)
        parts = []
        for begin in range(0, count, WINDOW_FRAMES):
            end = min(begin + WINDOW_FRAMES, count)
            first = max(0, begin - CONTEXT_FRAMES)
            window = levelled[first * HOP : (end + CONTEXT_FRAMES) * HOP]
            parts.append([each[begin - first : end - first] for each in self._logits(window)])
        logits, voicing = (np.concatenate(column) for column in zip(*parts, strict=True))
        peaks = np.abs(levelled[: count * HOP].reshape(count, HOP)).max(axis=1)
        return Posteriors(
            _log_softmax(logits),
            np.where(peaks < swift_f0.core.SILENCE_PEAK, -np.inf, voicing),
            energy,
        )

    def _logits(self, samples: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """Return the class logits and the voicing logit of each frame."""
        low, high = (np.asarray(f0, np.float32) for f0 in (CLASS_F0[0], CLASS_F0[-1]))
        classes, voicing = self.session.run(
            [CLASS_LOGITS, VOICING_LOGIT], {"audio": samples[None], "fmin": low, "fmax": high}
        )
        return np.asarray(classes[0], np.float64), np.asarray(voicing[0], np.float64)


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    posterior: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return posterior


def _graph_output(name: str) -> bytes:
    """Return a serialised ONNX model of nothing but an output.

    Serialised messages that follow one another are merged by every reader of protocol buffers, so
    these bytes, appended to those of a model, add the output to its graph.
    """

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    model_graph, graph_output, value_name = 7, 12, 1
    return field(model_graph, field(graph_output, field(value_name, name.encode())))


def _other_network() -> AutoVoiceError:
    return AutoVoiceError(
        f"swift-f0 {version('swift-f0')} holds another network than version 0.3.0; "
        "install it with `pip install swift-f0==0.3.0`"
    )
