"""Fit of the constants of `spleeter/2stems` and `spleeter/fused`, with each source left out once.

The vocal mask is the logistic function of a constant, the networks' log odds and those of weighted
robust PCA, each by its weight. The weights minimise the mean, over songs, of the logarithm of the
error of the masked spectra; songs are those with known stems, and solo singing over accompaniments
of others at two balances. The table tells, for each set of weights, the SDR of songs when every
one that shares a singer, song or band with it was left out of the fit. A few minutes on 2 cores.

    pip install . ./plugins/spleeter
    python training/spleeter_fusion.py ../shared/data
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from attrs import frozen

from autovoice_core import Audio
from autovoice_spleeter.factories import open_fused
from autovoice_spleeter.separator import BINS, LEVEL, SAMPLE_RATE

FRAME_STEP = 3
"""Of every so many frames one is used: neighbours are alike."""
MIN_VOCAL_BIN = 10
"""Bins below are no voice: 100 Hz."""
SECONDS = 60
MODELS = {"2stems": ("constant", "network"), "fused": ("constant", "wrpca", "network")}
SOLOS = {
    "vocadito_1": ("sectoid_Feelings", "lithium"),
    "smstools_singing-female": ("freedoom_D_E1M2", "potassium"),
    "openair_operatic-voice": ("freedoom_D_E1M2", "potassium"),
    "eif_rubidium_bgvox": ("freedoom_D_ADRIAN",),
    "eif_caesium_bgvox-main": ("rubidium",),
    "iona_1": ("caesium", "sonicpi_loop_amen_full"),
}
"""Solo singing, and the accompaniments that it is mixed with."""
BALANCES_DB = 0.0, 6.0


@frozen
class Segment:
    """Log odds of a segment by name, and the energies that its error follows from."""

    song: str
    sources: frozenset[str]
    features: dict[str, torch.Tensor]
    mixture: torch.Tensor
    agreement: torch.Tensor
    vocals: float

    def sdr(self, weights: torch.Tensor, names: tuple[str, ...]) -> torch.Tensor:
        """Return the SDR, dB, of the vocals that a mask of these weights passes."""
        odds = sum(
            weight * self.features[name] for weight, name in zip(weights, names, strict=True)
        )
        mask = torch.sigmoid(torch.as_tensor(odds))
        mask = mask * (torch.arange(BINS) >= MIN_VOCAL_BIN)
        error = self.vocals + (mask**2 * self.mixture - 2 * mask * self.agreement).sum()
        return 10 * torch.log10(self.vocals / error.clamp(min=1e-4 * self.vocals))


def songs(data: Path) -> Iterator[tuple[str, frozenset[str], np.ndarray, np.ndarray]]:
    """Yield name, sources, mixture and vocals, ``(2, frames)`` at 44.1 kHz."""
    for folder in sorted(data.glob("songs/*/")):
        mixture, vocals = (_stereo(folder / f"{stem}.flac") for stem in ("mixture", "vocals"))
        yield folder.name, frozenset({folder.name}), mixture, vocals
    for solo, bands in SOLOS.items():
        vocals = _stereo(next(data.rglob(f"{solo}.flac")))
        singer = next((n for n in ("rubidium", "caesium") if n in solo), solo)
        for band in bands:
            path = data / "songs" / band / "accompaniment.flac"
            whole = _stereo(path if path.exists() else data / "accompaniment" / f"{band}.flac")
            frames = vocals.shape[1]
            whole = np.tile(whole, (1, -(-frames // whole.shape[1])))[:, :frames]
            for balance in BALANCES_DB:
                gain = 10 ** (-balance / 20) * np.std(vocals) / np.std(whole)
                name = f"{solo} over {band} {balance:+.0f} dB"
                mixture = (vocals + np.float32(gain) * whole).astype(np.float32)
                yield name, frozenset({singer, band}), mixture, vocals


def segments(data: Path) -> Iterator[Segment]:
    """Yield the segments of all songs in which there is singing."""
    separator = open_fused(device="cpu", dtype="float32")
    length = separator.segment_frames
    for name, sources, mixture, vocals in songs(data):
        for start in range(0, mixture.shape[1] - length + 1, length):
            both = np.stack([mixture, vocals])[..., start : start + length]
            if (both[1] ** 2).sum() < 0.01 * (both[0] ** 2).sum():
                continue
            sound, voice = torch.from_numpy(np.ascontiguousarray(both))
            with torch.inference_mode():
                level = sound.square().mean().sqrt()
                network = separator.log_odds(sound[None] * (LEVEL / level))[0]
                spectra = separator.stft(sound[None], separator.sine)[0]
                true = separator.stft(voice[None], separator.sine)[0, :, :BINS]
                wrpca = separator.wrpca_log_odds(spectra)
            spectra = spectra[:, :BINS]
            energies = [
                spectra.abs().square(),
                (spectra.conj() * true).real,
                true.abs().square(),
            ]
            power, agreement, voiced = (e.sum(0).T[::FRAME_STEP].clone() for e in energies)
            features = {
                "constant": torch.ones(()),
                "network": network[::FRAME_STEP].clone(),
                "wrpca": wrpca[::FRAME_STEP].clone(),
            }
            yield Segment(name, sources, features, power, agreement, float(voiced.sum()))


def fit(names: tuple[str, ...], training: list[Segment]) -> torch.Tensor:
    """Return the weights that serve the segments best on average."""
    weights = torch.zeros(len(names), requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=30, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        mean = -torch.stack([segment.sdr(weights, names) for segment in training]).mean()
        mean.backward()
        return mean

    optimiser.step(loss)
    return weights.detach()


def left_out(names: tuple[str, ...], found: list[Segment]) -> dict[str, float]:
    """Return the SDR of each song by weights fitted without its sources."""
    result: dict[str, float] = {}
    for song in dict.fromkeys(segment.song for segment in found):
        own = [segment for segment in found if segment.song == song]
        others = [segment for segment in found if not segment.sources & own[0].sources]
        weights = fit(names, others)
        result[song] = float(np.mean([float(segment.sdr(weights, names)) for segment in own]))
    return result


def _stereo(path: Path) -> np.ndarray:
    samples = Audio.load(path).resample(SAMPLE_RATE).numpy()[:2, : SECONDS * SAMPLE_RATE]
    return np.ascontiguousarray(np.broadcast_to(samples, (2, samples.shape[1])))


def main() -> None:
    """Print a table of songs, and the weights fitted to all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder of recordings")
    found = list(segments(parser.parse_args().data))
    plain = torch.ones(1)
    columns: dict[str, dict[str, float]] = {"networks as they are": {}} | {
        name: left_out(m, found) for name, m in MODELS.items()
    }
    for song in columns["fused"]:
        values = [float(s.sdr(plain, ("network",))) for s in found if s.song == song]
        columns["networks as they are"][song] = float(np.mean(values))
    print(f"| SDR of the vocals, dB | {' | '.join(columns)} |")
    print("|---" * (1 + len(columns)) + "|")
    for song in columns["fused"]:
        print(f"| {song} | {' | '.join(f'{column[song]:.1f}' for column in columns.values())} |")
    for name, names in MODELS.items():
        weights = ", ".join(
            f"{key} {value:.2f}" for key, value in zip(names, fit(names, found), strict=True)
        )
        print(f"{name}: {weights}")


if __name__ == "__main__":
    main()
