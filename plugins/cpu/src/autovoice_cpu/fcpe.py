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
from autovoice_cpu.bundled_weights import read_weights
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.interpolation import between
from autovoice_cpu.mel_filters import mel_filters

RATE, HOP, FFT, MELS = 16_000, 160, 1024, 128
LAYERS, HEAD = 6, "net.encoder_layers."
BLOCK, MARGIN = 200, 50
"""Frames that are read at a time, and those to either side that are only listened to.

The network levels what it hears by the whole of its input, so its input must be cut in one way
whatever the windows are.
"""
NEAR = 4
"""Classes to either side of the likeliest that its frequency is averaged over."""
VOICED = 0.1
"""Likeliest class's value from which a frame is voiced."""
AT_ONCE = 4
"""Blocks that go through the network together."""
SIZE = 50_000_000


class Fcpe:
    """A :class:`~autovoice_core._protocols.BatchPitchEstimator`: frames of 10 ms, read between."""

    # A block, its margin, and what the spectrogram and the resampler look at.
    context = (BLOCK + MARGIN) * HOP / RATE + 0.1

    def __init__(self, fmin: float, fmax: float) -> None:
        saved = read_weights("torchfcpe", "assets/fcpe_c_v001.pt", SIZE, "fcpe")
        settings = saved["config_dict"]["model"]
        if not settings["conv_only"] or settings["n_layers"] != LAYERS:
            raise RuntimeError("these weights of torchfcpe are of another network; install 0.0.4")
        self._state: dict[str, torch.Tensor] = saved["model"]
        direction, length = self._state["output_proj.weight_v"], self._state["output_proj.weight_g"]
        self._output = length * direction / direction.norm(dim=1, keepdim=True)
        self._cents = self._state["cent_table"]
        frequencies = 10 * 2 ** (self._cents / 1200)
        self._allowed = (frequencies >= fmin) & (frequencies <= fmax)
        self._mel = torch.from_numpy(mel_filters(RATE, FFT, MELS)).float()
        self._window = torch.hann_window(FFT)

    def grid(self, sample_rate: int) -> int:
        """Return the samples of a block, or of as many as end on a sample."""
        block = BLOCK * HOP * sample_rate
        return block // gcd(block, RATE)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        return self.estimate_batch([audio], [centres])[0]

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` gives of each, whole blocks of all going together."""
        clips = [_blocks(audio.resample(RATE).numpy()[0]) for audio in audios]
        whole = self._read(np.concatenate([blocks for blocks, _ in clips]))
        found, begin = [], 0
        for audio, asked, (blocks, last) in zip(audios, centres, clips, strict=True):
            end = begin + len(blocks)
            f0, sure = (
                np.concatenate([part[begin:end].ravel(), rest.ravel()])
                for part, rest in zip(whole, self._read(last), strict=True)
            )
            at = asked.astype(np.float64) * (RATE / (audio.sample_rate * HOP))
            found.append(between(f0, sure, at, VOICED))
            begin = end
        return found

    def _read(self, blocks: NDArray[np.float32]) -> list[NDArray[np.float64]]:
        """Return the frequency of each frame of each block, and how sure it is."""
        pieces = [self._told(blocks[i : i + AT_ONCE]) for i in range(0, len(blocks), AT_ONCE)]
        if not pieces:
            return [np.zeros((0, BLOCK)), np.zeros((0, BLOCK))]
        return [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def _told(self, blocks: NDArray[np.float32]) -> tuple[NDArray[np.float64], ...]:
        with torch.inference_mode():
            values = self._values(torch.from_numpy(blocks))[:, MARGIN:-MARGIN]
            values = torch.where(self._allowed, values, 0.0)
            sure, best = values.max(dim=2)
            away = torch.arange(values.shape[2]) - best[..., None]
            near = torch.where(away.abs() <= NEAR, values, 0.0)
            cents = (near * self._cents).sum(dim=2) / near.sum(dim=2).clamp(min=1e-10)
            return (10 * 2 ** (cents.double() / 1200)).numpy(), sure.double().numpy()

    def _values(self, samples: torch.Tensor) -> torch.Tensor:
        """Return what the network says of each class, ``(blocks, samples) -> (..., 360)``."""
        frames = samples.unfold(1, FFT, HOP)
        # Trained on sound without an offset, it hears one as a voice.
        frames = (frames - frames.mean(dim=2, keepdim=True)) * self._window
        spectrum = torch.fft.rfft(frames).transpose(1, 2)
        mel = self._mel @ torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9)
        x = torch.log(mel.clamp(min=1e-5))
        x = functional.conv1d(x, *self._both("input_stack.0"), padding=1)
        x = functional.leaky_relu(functional.group_norm(x, 4, *self._both("input_stack.1")))
        x = functional.conv1d(x, *self._both("input_stack.3"), padding=1).transpose(1, 2)
        for layer in range(LAYERS):
            x = x + self._conformed(x, f"{HEAD}{layer}.conformer.net.")
        x = functional.layer_norm(x, x.shape[2:], *self._both("norm"))
        return torch.sigmoid(functional.linear(x, self._output, self._state["output_proj.bias"]))

    def _conformed(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """Return what the convolutions of a conformer's layer add (Gulati et al. 2020)."""
        y = functional.layer_norm(x, x.shape[2:], *self._both(name + "0")).transpose(1, 2)
        y = functional.glu(functional.conv1d(y, *self._both(name + "2")), dim=1)
        weight, bias = self._both(name + "4.conv")
        y = functional.conv1d(y, weight, bias, padding=weight.shape[2] // 2, groups=len(weight))
        y = functional.conv1d(functional.silu(y), *self._both(name + "6"))
        return y.transpose(1, 2)

    def _both(self, name: str) -> tuple[Any, Any]:
        return self._state[name + ".weight"], self._state[name + ".bias"]


def _blocks(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the input of the whole blocks, and of the one that a clip ends with.

    ``(blocks, samples)`` and ``(1, samples)``: frames, margins, and what their spectra reach.
    """
    count, rest = divmod(len(samples) // HOP + 2, BLOCK)
    if rest < 2:  # so that there are two frames to read between
        count, rest = count - 1, rest + BLOCK
    before = MARGIN * HOP + (FFT - HOP) // 2
    padded = np.zeros((count * BLOCK + rest + 2 * MARGIN - 1) * HOP + FFT, np.float32)
    padded[before : before + len(samples)] = samples
    size = (BLOCK + 2 * MARGIN - 1) * HOP + FFT
    blocks = [padded[start : start + size] for start in range(0, count * BLOCK * HOP, BLOCK * HOP)]
    return np.reshape(blocks, (-1, size)).astype(np.float32), padded[None, count * BLOCK * HOP :]


def open_fcpe(*, device: str, dtype: str, fmin: float = 50.0, fmax: float = 1100.0) -> Fcpe:
    """Return the tracker.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; it runs on the CPU in float32.
    fmin, fmax
        Range to look in, Hz; the network itself knows 33 to 1975 Hz.
    """
    check_device_and_dtype("fcpe", device, dtype)
    return Fcpe(fmin, fmax)


def probe_fcpe(device: str) -> None:
    """Track a tone of 220 Hz."""
    time = np.arange(8000) / RATE
    tone = sum(np.cos(2 * np.pi * 220 * k * time) / k for k in range(1, 9))
    audio = Audio(0.2 * np.asarray(tone, np.float32)[None], RATE)
    frames = open_fcpe(device=device, dtype="float32").estimate(audio, np.array([4000]))
    if abs(np.asarray(frames.f0)[0] - 220) > 5:
        raise RuntimeError("the network misses a tone of 220 Hz; reinstall torchfcpe")
