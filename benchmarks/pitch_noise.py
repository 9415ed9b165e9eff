"""Voicing of pitch trackers in noise: recall against false alarms, by kind of noise and level.

``python benchmarks/pitch_noise.py [--trackers cpu/nccf cpu/swiftf0] [--data FOLDER]
[--seconds 12] [--curve] [--plot FILE]``

Takes are the recordings of ``pitch.py`` that are sung, and the synthesised singers. Noise is white,
pink, babble of twelve readers, or a synthesised band, so many decibels under the take's RMS level.
Frames within 20 ms of the beginning or end of a voiced stretch do not count. ``--curve`` measures
``cpu/nccf`` at other thresholds of voicing too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import arguments
import numpy as np
from pitch import DATA, Case, ours, recorded
from pitch_peers import FMAX, FMIN, HOP, Floats, Tracker

from autovoice_core import Audio
from autovoice_core._frames import frame_centres
from autovoice_core.pitch.nccf.parameters import TrackerParameters
from autovoice_core.synthetic.truth import SINGERS, add_noise, band, sing

SUNG = ("pitch/iona", "pitch/openair_opera", "pitch/vocadito_1", "pitch/xserra_female")
LEVELS_DB = (30, 20, 10, 5, 0)
CURVE_DB = 10
THRESHOLDS = (900, 1150, 1400, 1650, 1900, 2150)
READERS = 12
Noise = Callable[[Audio, int], Floats]
"""Returns as many samples of noise as a sound has, from a seed."""


def takes(folder: Path, seconds: float) -> Iterator[Case]:
    """Yield sung recordings and synthesised singers."""
    if folder.is_dir():
        yield from (case for case in recorded(folder) if case.name in SUNG)
    for singer in SINGERS.values():
        sung = sing(singer, seconds, 22_050, seed=77)
        yield Case(f"synthetic/{singer.name}", sung.audio, sung.pitch.f0)


def babble(folder: Path) -> Noise:
    """Return babble of readers at one level, each from a place of its own."""
    files = sorted((folder / "voices").glob("libri_*/*.flac"))

    def noise(audio: Audio, seed: int) -> Floats:
        rng = np.random.default_rng(seed)
        total = np.zeros(audio.frames)
        for index in rng.choice(len(files), READERS, replace=False):
            voice = Audio.load(files[index]).resample(audio.sample_rate).numpy()[0]
            voice = np.tile(voice, 1 + -(-audio.frames // len(voice)))
            begin = rng.integers(len(voice) - audio.frames)
            total += voice[begin : begin + audio.frames] / np.std(voice)
        return total

    return noise


def accompaniment(audio: Audio, seed: int) -> Floats:
    """Return a synthesised band."""
    music = band(audio.duration + 1.0, audio.sample_rate, seed).mono()
    return music.numpy()[0, : audio.frames].astype(np.float64)


def mixed(audio: Audio, noise: Floats, snr: float) -> Audio:
    """Return a sound with noise ``snr`` dB under its RMS level."""
    samples = audio.numpy()[0].astype(np.float64)
    gain = np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-snr / 20)
    return Audio((samples + gain * noise).astype(np.float32)[np.newaxis], audio.sample_rate)


def noisy_takes(cases: list[Case], kind: str, snr: int, folder: Path) -> Iterator[Case]:
    """Yield every take in a noise of its own."""
    sources: dict[str, Noise] = {"babble": babble(folder), "band": accompaniment}
    for seed, case in enumerate(cases):
        if kind in sources:
            audio = mixed(case.audio, sources[kind](case.audio, seed), snr)
        else:
            color = "white" if kind == "white" else "pink"
            audio = add_noise(case.audio, snr, color=color, seed=seed)
        yield Case(case.name, audio, case.f0)


def counts(truth: Floats, found: Floats) -> Floats:
    """Return voiced frames found and in all, unvoiced frames found voiced and in all."""
    size = min(len(truth), len(found))
    sung, heard = truth[:size] > 0, found[:size] > 0
    edges = np.convolve(np.abs(np.diff(sung.astype(int), prepend=sung[0])), np.ones(4), "same") > 0
    voiced, unvoiced = sung & ~edges, ~sung & ~edges
    return np.array(
        [(heard & voiced).sum(), voiced.sum(), (heard & unvoiced).sum(), unvoiced.sum()]
    )


def rates(tracker: Tracker, cases: list[Case]) -> tuple[dict[str, float], float]:
    """Return the recall of each take and the false alarms of all, %."""
    by_take: dict[str, Floats] = {}
    for case in cases:
        by_take[case.name] = by_take.get(case.name, 0) + counts(case.f0, tracker(case.audio))
    recall = {name: float(100 * row[0] / row[1]) for name, row in by_take.items()}
    total = np.sum(list(by_take.values()), axis=0)
    return recall, float(100 * total[2] / max(total[3], 1))


def with_threshold(threshold: int) -> Tracker:
    """Return ``cpu/nccf`` with another threshold of voicing."""
    import array_api_compat.numpy as xp

    from autovoice_core.pitch.nccf.nccf import Nccf
    from autovoice_cpu.kernels.nccf import NumbaPitchKernels

    parameters = TrackerParameters(voicing_threshold=threshold)
    nccf = Nccf(xp, NumbaPitchKernels(), fmin=FMIN, fmax=FMAX, parameters=parameters)

    def track(audio: Audio) -> Floats:
        centres = frame_centres(audio.frames, audio.sample_rate, HOP)
        return np.asarray(nccf.estimate(audio, centres).f0)

    return track


Points = dict[str, dict[str, list[tuple[float, float, float]]]]
"""By kind of noise and tracker: level, recall and false alarms."""


def measure(
    trackers: dict[str, Tracker], curve: dict[str, Tracker], cases: list[Case], folder: Path
) -> Points:
    """Print and return recall and false alarms of every tracker in every noise."""
    kinds = ("white", "pink", "babble", "band") if folder.is_dir() else ("white", "pink", "band")
    points: Points = {}
    print("recall of each take, of recordings and of synthesised voices, false alarms (%)")
    for kind, snr in ((kind, snr) for kind in kinds for snr in LEVELS_DB):
        noisy = list(noisy_takes(cases, kind, snr, folder))
        for name, tracker in (trackers | (curve if snr == CURVE_DB else {})).items():
            recall, alarms = rates(tracker, noisy)
            made = [value for take, value in recall.items() if take.startswith("synthetic")]
            sung = [value for take, value in recall.items() if not take.startswith("synthetic")]
            means = float(np.mean(sung or [np.nan])), float(np.mean(made))
            takes_of = " ".join(f"{value:5.1f}" for value in recall.values())
            print(f"{kind:7}{snr:3} {name:15} {takes_of} |", end="")
            print(f"{means[0]:6.1f}{means[1]:6.1f}{alarms:6.2f}", flush=True)
            if name in trackers:
                row = (snr, float(np.mean(list(recall.values()))), alarms)
                points.setdefault(kind, {}).setdefault(name, []).append(row)
    return points


def draw(path: Path, points: Points) -> None:
    """Draw recall and false alarms over the level for each kind of noise."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    for axes, kind in zip(figure.subplots(1, len(points), sharey=True), points, strict=True):
        for number, (name, rows) in enumerate(points[kind].items()):
            levels, recall, alarms = zip(*rows, strict=True)
            colour = f"C{3 - number}"
            axes.plot(levels, recall, marker="o", color=colour, label=f"{name}: recall")
            axes.plot(levels, alarms, marker="x", ls=":", color=colour, label="false alarms")
        axes.set(title=kind, xlabel="signal to noise (dB)", ylim=(-2, 102))
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("frames (%)")
    figure.axes[0].legend(fontsize=8, loc="center left")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure every tracker in every noise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--trackers", type=arguments.backend("pitch"), nargs="+", default=["cpu/nccf"]
    )
    parser.add_argument("--data", type=arguments.folder, default=DATA, help="folder of recordings")
    parser.add_argument(
        "--seconds", type=arguments.seconds, default=12.0, help="of each synthesised song"
    )
    parser.add_argument("--curve", action="store_true", help="measure other thresholds at 10 dB")
    parser.add_argument("--plot", type=arguments.output, help="draw a picture there")
    options = parser.parse_args()
    cases = list(takes(options.data, options.seconds))
    trackers = {name: ours(name) for name in options.trackers}
    curve = {f"threshold {value}": with_threshold(value) for value in THRESHOLDS}
    points = measure(trackers, curve if options.curve else {}, cases, options.data)
    if options.plot:
        draw(options.plot, points)


if __name__ == "__main__":
    main()
