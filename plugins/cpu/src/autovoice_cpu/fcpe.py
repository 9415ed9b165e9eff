"""``cpu/fcpe``: the FCPE network (Luo et al. 2025), with the weights of the torchfcpe package.

A network of convolutions over a mel spectrogram; the attention of the paper is switched off in
these weights. Only they are taken from the package; it is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from autovoice_core import Audio, PitchFrames
from autovoice_core.pitch.interpolation import interpolate
from autovoice_cpu.bundled_weights import read_weights
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.mel_filters import mel_filters
from autovoice_cpu.settings import FcpeSettings

RATE, HOP, FFT, MELS = 16_000, 160, 1024, 128
LAYERS, LAYER_PREFIX = 6, "net.encoder_layers."
BLOCK_FRAMES, MARGIN_FRAMES = 200, 50
"""Frames of a block, and those to either side that are its context.

The network normalises by the whole of its input, so the input must be cut in the same way whatever
the windows are.
"""
AVERAGED_CLASSES = 4
"""Classes to either side of the likeliest over which the frequency is averaged."""
DEFAULTS = FcpeSettings()
BLOCKS_PER_RUN = 4
"""Blocks that go through the network together."""
MAX_WEIGHT_BYTES = 50_000_000


class Fcpe:
    """A :class:`~autovoice_core.protocols.BatchPitchEstimator`; frames of 10 ms, interpolated."""

    # A block, its margin, and the reach of the spectrogram and the resampler.
    context = (BLOCK_FRAMES + MARGIN_FRAMES) * HOP / RATE + 0.1

    def __init__(self, fmin: float, fmax: float, settings: FcpeSettings = DEFAULTS) -> None:
        self._threshold = settings.threshold
        saved = read_weights("torchfcpe", "assets/fcpe_c_v001.pt", MAX_WEIGHT_BYTES, "fcpe")
        trained = saved["config_dict"]["model"]
        if not trained["conv_only"] or trained["n_layers"] != LAYERS:
            raise RuntimeError(
                "torchfcpe's weights are for another network; install torchfcpe 0.0.4"
            )
        self._state: dict[str, torch.Tensor] = saved["model"]
        direction, length = self._state["output_proj.weight_v"], self._state["output_proj.weight_g"]
        self._output = length * direction / direction.norm(dim=1, keepdim=True)
        self._cents = self._state["cent_table"]
        frequencies = 10 * 2 ** (self._cents / 1200)
        self._allowed = (frequencies >= fmin) & (frequencies <= fmax)
        self._mel = torch.from_numpy(mel_filters(RATE, FFT, MELS)).float()
        self._window = torch.hann_window(FFT)

    def grid(self, sample_rate: int) -> int:
        """Return the samples of as many blocks as are a whole number of samples."""
        block = BLOCK_FRAMES * HOP * sample_rate
        return block // gcd(block, RATE)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        return self.estimate_batch([audio], [centres])[0]

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` returns for each, blocks of all going through together."""
        clips = [_blocks(audio.resample(RATE).numpy()[0]) for audio in audios]
        whole = self._classify(np.concatenate([blocks for blocks, _ in clips]))
        found, begin = [], 0
        for audio, positions, (blocks, last) in zip(audios, centres, clips, strict=True):
            end = begin + len(blocks)
            f0, certainty = (
                np.concatenate([part[begin:end].ravel(), rest.ravel()])
                for part, rest in zip(whole, self._classify(last), strict=True)
            )
            at = positions.astype(np.float64) * (RATE / (audio.sample_rate * HOP))
            found.append(interpolate(f0, certainty, at, self._threshold))
            begin = end
        return found

    def _classify(self, blocks: NDArray[np.float32]) -> list[NDArray[np.float64]]:
        """Return the frequency of each frame of each block, and its likeliest class's value."""
        starts = range(0, len(blocks), BLOCKS_PER_RUN)
        pieces = [self._run(blocks[i : i + BLOCKS_PER_RUN]) for i in starts]
        if not pieces:
            return [np.zeros((0, BLOCK_FRAMES)), np.zeros((0, BLOCK_FRAMES))]
        return [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def _run(self, blocks: NDArray[np.float32]) -> tuple[NDArray[np.float64], ...]:
        with torch.inference_mode():
            values = self._values(torch.from_numpy(blocks))[:, MARGIN_FRAMES:-MARGIN_FRAMES]
            values = torch.where(self._allowed, values, 0.0)
            certainty, best = values.max(dim=2)
            away = torch.arange(values.shape[2]) - best[..., None]
            near = torch.where(away.abs() <= AVERAGED_CLASSES, values, 0.0)
            cents = (near * self._cents).sum(dim=2) / near.sum(dim=2).clamp(min=1e-10)
            return (10 * 2 ** (cents.double() / 1200)).numpy(), certainty.double().numpy()

    def _values(self, samples: torch.Tensor) -> torch.Tensor:
        """Return the value of each class, ``(blocks, samples) -> (blocks, frames, 360)``."""
        frames = samples.unfold(1, FFT, HOP)
        # Trained on sound without an offset, the network takes one for a voice.
        frames = (frames - frames.mean(dim=2, keepdim=True)) * self._window
        spectrum = torch.fft.rfft(frames).transpose(1, 2)
        mel = self._mel @ torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9)
        x = torch.log(mel.clamp(min=1e-5))
        x = functional.conv1d(x, *self._parameters("input_stack.0"), padding=1)
        x = functional.leaky_relu(functional.group_norm(x, 4, *self._parameters("input_stack.1")))
        x = functional.conv1d(x, *self._parameters("input_stack.3"), padding=1).transpose(1, 2)
        for layer in range(LAYERS):
            x = x + self._conformer(x, f"{LAYER_PREFIX}{layer}.conformer.net.")
        x = functional.layer_norm(x, x.shape[2:], *self._parameters("norm"))
        return torch.sigmoid(functional.linear(x, self._output, self._state["output_proj.bias"]))

    def _conformer(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """Return what the convolutions of a conformer's layer add (Gulati et al. 2020)."""
        y = functional.layer_norm(x, x.shape[2:], *self._parameters(name + "0")).transpose(1, 2)
        y = functional.glu(functional.conv1d(y, *self._parameters(name + "2")), dim=1)
        weight, bias = self._parameters(name + "4.conv")
        y = functional.conv1d(y, weight, bias, padding=weight.shape[2] // 2, groups=len(weight))
        y = functional.conv1d(functional.silu(y), *self._parameters(name + "6"))
        return y.transpose(1, 2)

    def _parameters(self, name: str) -> tuple[Any, Any]:
        return self._state[name + ".weight"], self._state[name + ".bias"]


def _blocks(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the input of the whole blocks, and of the last block of a clip.

    Shape: ``(blocks, samples)`` and ``(1, samples)``, with margins and the reach of the spectra.
    """
    count, rest = divmod(len(samples) // HOP + 2, BLOCK_FRAMES)
    if rest < 2:  # two frames are needed to interpolate between
        count, rest = count - 1, rest + BLOCK_FRAMES
    before = MARGIN_FRAMES * HOP + (FFT - HOP) // 2
    padded = np.zeros((count * BLOCK_FRAMES + rest + 2 * MARGIN_FRAMES - 1) * HOP + FFT, np.float32)
    padded[before : before + len(samples)] = samples
    size = (BLOCK_FRAMES + 2 * MARGIN_FRAMES - 1) * HOP + FFT
    blocks = [
        padded[start : start + size]
        for start in range(0, count * BLOCK_FRAMES * HOP, BLOCK_FRAMES * HOP)
    ]
    return np.reshape(blocks, (-1, size)).astype(np.float32), padded[
        None, count * BLOCK_FRAMES * HOP :
    ]


def open_fcpe(
    *,
    device: str,
    dtype: str,
    fmin: float = 40.0,
    fmax: float = 2000.0,
    settings: FcpeSettings = DEFAULTS,
) -> Fcpe:
    """Return the tracker.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; it runs on the CPU in float32.
    fmin, fmax
        Range to look in, Hz; the network covers 33 to 1975 Hz.
    settings
        Its voicing.
    """
    check_device_and_dtype("fcpe", device, dtype)
    return Fcpe(fmin, fmax, settings)


def probe_fcpe(device: str) -> None:
    """Track a tone of 220 Hz."""
    time = np.arange(8000) / RATE
    tone = sum(np.cos(2 * np.pi * 220 * k * time) / k for k in range(1, 9))
    audio = Audio(0.2 * np.asarray(tone, np.float32)[None], RATE)
    frames = open_fcpe(device=device, dtype="float32").estimate(audio, np.array([4000]))
    if abs(np.asarray(frames.f0)[0] - 220) > 5:
        raise RuntimeError("the network misses a tone of 220 Hz; reinstall torchfcpe")
