"""The target's exemplars: frames learnt from recordings, stored compactly, loaded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.conversion.retrieval.analysis import VoiceFrames, analyse
from autovoice_core.conversion.retrieval.aperiodicity import BANDS
from autovoice_core.conversion.retrieval.content import COEFFICIENTS
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    asarray_like,
    sample_positions,
    successors,
)
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, POINTS, mel_positions
from autovoice_core.conversion.retrieval.offset import without_offset
from autovoice_core.conversion.retrieval.thinning import ThinnedSegments

KEPT_SECONDS = 300.0
"""Seconds of voiced sound that are kept: 8 MB."""

MAX_COMPARED_FREQUENCY = 8_000.0
"""Hz up to which sounds are compared."""

_ARRAYS: dict[str, tuple[Any, ...]] = {
    "envelope": (np.float16, POINTS),
    "aperiodicity": (np.uint8, BANDS),
    "follows": (np.bool_,),
    "bandwidth": (np.float32,),
}
MAX_FRAMES = round(1000.0 * FRAME_RATE)
"""Most frames of a voice, beyond those of the longest that is kept; memory grows with them."""

_MAX_BANDWIDTH = 0.47  # of the sample rate
# Natural logarithms of power under the loudest: of frames to learn from, of a recording's band.
_QUIET = np.log(10.0) * 4.0
_SILENT = np.log(10.0) * 7.5


@frozen(eq=False)
class Exemplars:
    """Frames of the target, on the device.

    Attributes
    ----------
    envelope, aperiodicity
        ``(exemplars, POINTS)`` log power per Hz, ``(exemplars, BANDS)``.
    follows
        ``(exemplars,)`` on the host: whether it is the successor of the one before.
    bandwidth
        ``(exemplars, 1)`` points of the axis up to which the recording has sound.
    """

    envelope: Any
    aperiodicity: Any
    follows: NDArray[np.bool_]
    bandwidth: Any

    def comparable_points(self, sample_rate: int) -> int:
        """Return how many points of the axis a source of this rate has in common with it."""
        target = float(np.median(as_numpy(self.bandwidth)))
        highest = min(MAX_COMPARED_FREQUENCY, _MAX_BANDWIDTH * sample_rate)
        source = float(mel_positions(highest))
        return max(COEFFICIENTS, min(POINTS, int(min(target, source)) + 1))

    @classmethod
    def load(cls, features: Mapping[str, NDArray[Any]], like: Any) -> Exemplars:
        """Return the features of a profile on the device and in the dtype of ``like``.

        Raises
        ------
        InputError
            They are not what :func:`learn` returns.
        """
        _check(features)
        bandwidth = mel_positions(features["bandwidth"].astype(np.float64))
        return cls(
            asarray_like(like, features["envelope"]),
            asarray_like(like, features["aperiodicity"]) / 255.0,
            features["follows"].astype(bool),
            asarray_like(like, bandwidth[:, None]),
        )


def learn(
    recordings: Iterable[tuple[Audio, PitchTrack]], xp: Any, on: Any, keep: float = KEPT_SECONDS
) -> dict[str, NDArray[Any]]:
    """Return the features of a voice, from mono recordings with their pitch.

    Of more than ``keep`` seconds of voiced sound, segments from all of it. Memory does not grow
    with the recordings.

    Raises
    ------
    InputError
        No frame of any recording is voiced.
    """
    segments = ThinnedSegments(round(keep * FRAME_RATE))
    for audio, pitch in recordings:
        features = _features(audio, pitch, xp, on)
        if features is not None:
            segments.add(features)
    if not segments.segments:
        raise InputError("recordings: nothing in them is voiced; give recordings of a voice")
    return segments.features()


def analyse_recording(
    audio: Audio, pitch: PitchTrack, xp: Any, on: Any
) -> tuple[VoiceFrames, NDArray[np.bool_]]:
    """Return the frames of a mono recording, and on the host which of them to learn from.

    These are voiced, and at most 40 dB under the loudest that is.
    """
    rate = audio.sample_rate
    centres = sample_positions(np.arange(audio.frames * FRAME_RATE // rate + 1), rate)
    f0, voiced = F0Contour(pitch).at(centres / rate)
    samples = without_offset(xp.asarray(audio.mono().numpy(), device=on), 0, rate)
    frames = analyse(samples, centres, f0, voiced, rate)
    level = as_numpy(xp.max(frames.envelope[:, : int(mel_positions(4000.0))], axis=1))
    return frames, voiced & (level > np.max(level[voiced], initial=-np.inf) - _QUIET)


def _features(audio: Audio, pitch: PitchTrack, xp: Any, on: Any) -> dict[str, NDArray[Any]] | None:
    frames, learnt = analyse_recording(audio, pitch, xp, on)
    if not learnt.any():
        return None
    envelope = as_numpy(frames.envelope)
    average = envelope[learnt].mean(axis=0)
    highest = FREQUENCIES[average > average.max() - _SILENT].max()
    bandwidth = min(highest, _MAX_BANDWIDTH * audio.sample_rate)
    return {
        "envelope": envelope[learnt].astype(np.float16),
        "aperiodicity": np.rint(255.0 * as_numpy(frames.aperiodicity)[learnt]).astype(np.uint8),
        "follows": successors(learnt)[learnt],
        "bandwidth": np.full(int(learnt.sum()), bandwidth, np.float32),
    }


def _check(features: Mapping[str, NDArray[Any]]) -> None:
    again = "make the voice again from its recordings"
    if features.keys() != _ARRAYS.keys():
        raise InputError(
            f"voice: its features are {', '.join(sorted(features)) or 'missing'}, not "
            f"{', '.join(sorted(_ARRAYS))}; {again}"
        )
    count = features["follows"].size
    for name, (dtype, *shape) in _ARRAYS.items():
        values = features[name]
        if values.dtype != dtype or values.shape != (count, *shape) or not count:
            raise InputError(
                f"voice: features[{name!r}] is {values.dtype} of shape {values.shape}, not "
                f"{np.dtype(dtype)} of shape {(max(count, 1), *shape)}; {again}"
            )
    if count > MAX_FRAMES:
        raise InputError(f"voice: {count} frames are more than the {MAX_FRAMES} allowed; {again}")
    if features["follows"][0] or not np.all(features["bandwidth"] > 0):
        raise InputError(f"voice: its features contradict one another; {again}")
