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
from autovoice_core.conversion.retrieval.gaussians import Gaussian
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, POINTS, mel_positions
from autovoice_core.conversion.retrieval.offset import without_offset
from autovoice_core.conversion.retrieval.thinning import ThinnedSegments
from autovoice_core.conversion.retrieval.unvoiced import far_from_voiced, loud_enough, peak

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
_UNVOICED: dict[str, tuple[int, ...]] = {
    "unvoiced_mean": (POINTS,),
    "unvoiced_covariance": (POINTS, POINTS),
    "unvoiced_frames": (1,),
}
MAX_FRAMES = round(1000.0 * FRAME_RATE)
"""Most frames of a voice, beyond those of the longest that is kept; memory grows with them."""

_MAX_BANDWIDTH = 0.47  # of the sample rate
# Natural logarithm of power under the loudest, to which a recording's band reaches.
_SILENT = np.log(10.0) * 7.5
LEVEL_POINTS = int(mel_positions(4000.0))
"""Points of the axis whose highest value is how loud a frame is."""


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
    unvoiced
        Statistics of the envelopes of unvoiced frames; none of a voice that was made without, or
        has too few.
    """

    envelope: Any
    aperiodicity: Any
    follows: NDArray[np.bool_]
    bandwidth: Any
    unvoiced: Gaussian | None = None

    def comparable_points(self, sample_rate: int) -> int:
        """Return how many points of the axis a source of this rate has in common with it."""
        target = float(np.median(as_numpy(self.bandwidth)))
        highest = min(MAX_COMPARED_FREQUENCY, _MAX_BANDWIDTH * sample_rate)
        source = float(mel_positions(highest))
        return max(COEFFICIENTS, min(POINTS, int(min(target, source)) + 1))

    def common_band(self, sample_rate: int) -> int:
        """Return on how many points of the axis all recordings and the source have sound."""
        source = float(mel_positions(_MAX_BANDWIDTH * sample_rate))
        return min(POINTS, int(min(source, float(np.min(as_numpy(self.bandwidth))))) + 1)

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
        unvoiced = None
        if "unvoiced_mean" in features:
            mean, covariance, frames = (features[name].astype(np.float64) for name in _UNVOICED)
            unvoiced = Gaussian(mean, covariance, float(frames[0]))
        return cls(
            asarray_like(like, features["envelope"]),
            asarray_like(like, features["aperiodicity"]) / 255.0,
            features["follows"].astype(bool),
            asarray_like(like, bandwidth[:, None]),
            unvoiced,
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
    segments, unvoiced = ThinnedSegments(round(keep * FRAME_RATE)), None
    for audio, pitch in recordings:
        frames = analyse_recording(audio, pitch, xp, on)
        if not frames.learnt.any():
            continue
        segments.add(_features(frames, audio.sample_rate))
        if frames.unvoiced.any():
            heard = Gaussian.of(as_numpy(frames.frames.envelope)[frames.unvoiced])
            unvoiced = unvoiced.joined(heard) if unvoiced else heard
    if not segments.segments:
        raise InputError("recordings: nothing in them is voiced; give recordings of a voice")
    return segments.features() | _unvoiced_features(unvoiced)


@frozen(eq=False)
class AnalysedRecording:
    """The frames of a recording.

    Attributes
    ----------
    frames
        All of them.
    learnt, unvoiced
        ``(frames,)`` on the host: which voiced and which unvoiced ones to learn from, none more
        than 40 dB under the loudest that is voiced.
    """

    frames: VoiceFrames
    learnt: NDArray[np.bool_]
    unvoiced: NDArray[np.bool_]


def analyse_recording(audio: Audio, pitch: PitchTrack, xp: Any, on: Any) -> AnalysedRecording:
    """Return the frames of a mono recording."""
    rate = audio.sample_rate
    centres = sample_positions(np.arange(audio.frames * FRAME_RATE // rate + 1), rate)
    f0, voiced = F0Contour(pitch).at(centres / rate)
    samples = without_offset(xp.asarray(audio.mono().numpy(), device=on), 0, rate)
    frames = analyse(samples, centres, f0, voiced, rate)
    envelope = as_numpy(frames.envelope)
    loudest = float(np.max(peak(envelope, LEVEL_POINTS)[voiced], initial=-np.inf))
    loud = loud_enough(envelope, loudest, LEVEL_POINTS)
    hiss = far_from_voiced(voiced) & loud_enough(envelope, loudest, POINTS)
    return AnalysedRecording(frames, voiced & loud, hiss & voiced.any())


def _features(recording: AnalysedRecording, sample_rate: int) -> dict[str, NDArray[Any]]:
    frames, learnt = recording.frames, recording.learnt
    envelope = as_numpy(frames.envelope)
    average = envelope[learnt].mean(axis=0)
    highest = FREQUENCIES[average > average.max() - _SILENT].max()
    bandwidth = min(highest, _MAX_BANDWIDTH * sample_rate)
    return {
        "envelope": envelope[learnt].astype(np.float16),
        "aperiodicity": np.rint(255.0 * as_numpy(frames.aperiodicity)[learnt]).astype(np.uint8),
        "follows": successors(learnt)[learnt],
        "bandwidth": np.full(int(learnt.sum()), bandwidth, np.float32),
    }


def _unvoiced_features(unvoiced: Gaussian | None) -> dict[str, NDArray[Any]]:
    if unvoiced is None:
        return {}
    parts = unvoiced.mean, unvoiced.covariance, np.asarray([unvoiced.frames])
    return {name: part.astype(np.float32) for name, part in zip(_UNVOICED, parts, strict=True)}


def _check(features: Mapping[str, NDArray[Any]]) -> None:
    again = "make the voice again from its recordings"
    if features.keys() not in (_ARRAYS.keys(), _ARRAYS.keys() | _UNVOICED.keys()):
        raise InputError(
            f"voice: its features are {', '.join(sorted(features)) or 'missing'}, not "
            f"{', '.join(sorted(_ARRAYS))}; {again}"
        )
    count = features["follows"].size
    expected = {name: (dtype, (max(count, 1), *shape)) for name, (dtype, *shape) in _ARRAYS.items()}
    expected |= {name: (np.float32, shape) for name, shape in _UNVOICED.items()}
    for name, values in features.items():
        dtype, shape = expected[name]
        if values.dtype != dtype or values.shape != shape:
            raise InputError(
                f"voice: features[{name!r}] is {values.dtype} of shape {values.shape}, not "
                f"{np.dtype(dtype)} of shape {shape}; {again}"
            )
    if count > MAX_FRAMES:
        raise InputError(f"voice: {count} frames are more than the {MAX_FRAMES} allowed; {again}")
    heard = features.get("unvoiced_frames", np.ones(1))
    known = all(np.isfinite(features[name]).all() for name in features.keys() & _UNVOICED.keys())
    below = np.all(features["bandwidth"] > 0)
    if features["follows"][0] or not below or not heard[0] > 0 or not known:
        raise InputError(f"voice: its features contradict one another; {again}")
