"""Other pitch trackers that run on a GPU, each on a batch that is there already.

A peer is a function ``(audio, sample_rate, hop) -> anything`` of torch tensors, ``(batch,
samples)`` float32. What is not installed, or does not import, is left out with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Peer = Callable[[Any, int, int], Any]


def yin_by_fft(audio: Any, sample_rate: int, hop: int) -> Any:
    """Track by YIN (de Cheveigné & Kawahara 2002), all frames at once by torch's FFT."""
    import torch

    longest, shortest = sample_rate // 50, sample_rate // 1100
    size = 2 * longest
    frames = torch.nn.functional.pad(audio, (longest, longest)).unfold(1, size, hop)
    head = torch.nn.functional.pad(frames[..., :longest], (0, longest))
    product = torch.fft.irfft(torch.fft.rfft(frames).mul(torch.fft.rfft(head).conj()), n=size)
    energy = torch.nn.functional.pad(torch.cumsum(frames.square(), -1), (1, 0))
    lags = torch.arange(longest, device=audio.device)
    difference = energy[..., longest, None] + energy[..., lags + longest] - energy[..., lags]
    difference = difference - 2 * product[..., :longest]
    mean = torch.cumsum(difference[..., 1:], -1) / lags[1:]
    normal = difference[..., 1:] / mean.clamp_min(1e-9)
    normal = normal[..., shortest - 1 :]
    below = normal < 0.15
    first = torch.where(below.any(-1), below.float().argmax(-1), normal.argmin(-1))
    return sample_rate / (first + shortest)


def _torchaudio() -> Peer:
    from torchaudio.functional import detect_pitch_frequency

    return lambda audio, rate, hop: detect_pitch_frequency(audio, rate, frame_time=hop / rate)


def _torchcrepe() -> Peer:
    import torchcrepe

    def track(audio: Any, rate: int, hop: int) -> Any:
        return [
            torchcrepe.predict(
                row[None],
                rate,
                hop,
                model="tiny",
                batch_size=2048,
                device=audio.device,
                decoder=torchcrepe.decode.weighted_argmax,
            )
            for row in audio
        ]

    return track


def _fcpe() -> Peer:
    import torchfcpe

    models: dict[Any, Any] = {}

    def track(audio: Any, rate: int, hop: int) -> Any:
        if audio.device not in models:
            models[audio.device] = torchfcpe.spawn_bundled_infer_model(device=audio.device)
        return models[audio.device].infer(audio[..., None], sr=rate)

    return track


def _yin() -> Peer:
    import torch  # noqa: F401

    return yin_by_fft


PEERS: dict[str, Callable[[], Peer]] = {
    "torchaudio detect_pitch_frequency": _torchaudio,
    "torchcrepe tiny": _torchcrepe,
    "FCPE": _fcpe,
    "YIN by torch FFT": _yin,
}


def present() -> tuple[dict[str, Peer], list[str]]:
    """Return the peers that import, and why others do not."""
    found, missing = {}, []
    for name, load in PEERS.items():
        try:
            found[name] = load()
        except Exception as error:  # noqa: BLE001  # some raise more than ImportError
            missing.append(f"{name}: {type(error).__name__}: {' '.join(str(error).split())}")
    return found, missing
