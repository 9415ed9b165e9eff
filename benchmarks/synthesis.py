"""Our synthesiser against WORLD's: singers resynthesised from the same f0, in several keys.

``python benchmarks/synthesis.py [--sources FILE ...] [--keys SEMITONES ...] [--json FILE]``

Each analyses the voice in its own way; unvoiced sound is the source's in both, so that only
voiced sound is compared.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import soundfile
from judges import Dnsmos, PitchJudge, Resemblyzer, Signal, at_loudness, loudness_of
from world import World

from autovoice_core import Audio, PitchTrack, SingingPitchExtractor
from autovoice_core.conversion.retrieval.analysis import VOICED_MARGIN, VoiceFrames, analyse
from autovoice_core.conversion.retrieval.aperiodicity import aperiodicity_on_axis
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, dilate, sample_positions
from autovoice_core.conversion.retrieval.synthesis import synthesise
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "singing"
SOURCES = ("vocadito_1.flac", "smstools_singing-female.flac", "openair_operatic-voice.flac")


def ours(signal: Signal, rate: int, pitch: PitchTrack, key: float) -> Signal:
    """Return the voice resynthesised by :mod:`autovoice_core.conversion.retrieval.synthesis`."""
    melody = F0Contour(pitch, key)
    numbers = np.arange(len(signal) * FRAME_RATE // rate + 2)
    f0, voiced = melody.at(numbers / FRAME_RATE)
    centres = sample_positions(numbers, rate)
    frames = analyse(signal[None], centres, f0, dilate(voiced, VOICED_MARGIN), rate)
    grid = FrameGrid(centres, len(signal), rate, NumbaConversionKernels(), frames.envelope)
    phase_envelope = xp.mean(frames.envelope[voiced], axis=0, keepdims=True)
    phase = melody.phase(np.arange(len(signal)) / rate)
    target = VoiceFrames(frames.envelope, aperiodicity_on_axis(frames.aperiodicity))
    return synthesise(target, phase_envelope, f0 * melody.ratio, phase, 0, grid)[0]


def where_voiced(result: Signal, signal: Signal, rate: int, pitch: PitchTrack) -> Signal:
    """Return ``result`` where ``signal`` is voiced, and ``signal`` itself elsewhere."""
    near = np.rint((np.arange(len(signal)) / rate - pitch.start) / pitch.hop).astype(int)
    voiced = pitch.voiced[np.clip(near, 0, len(pitch) - 1)]
    fade = np.convolve(voiced, np.hanning(rate // 50) / np.hanning(rate // 50).sum(), "same")
    return (fade * result + (1 - fade) * signal).astype(np.float32)


def main() -> None:
    """Print the comparison as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path, nargs="*", default=[DATA / s for s in SOURCES])
    parser.add_argument("--keys", type=float, nargs="*", default=[0.0, -12.0, 7.0])
    parser.add_argument("--json", type=Path, help="a file for the rows as data")
    options = parser.parse_args()
    encoder, pitches, quality, world = Resemblyzer(), PitchJudge(), Dnsmos(), World()
    methods = (("ours", ours), ("WORLD", world.resynthesise))
    rows: list[dict[str, Any]] = []
    print("| source | key | by | DNSMOS +- | f0 cents | off > 50 c % | voicing | to source |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for path in options.sources:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        signal = np.ascontiguousarray(samples.mean(axis=1))
        pitch = SingingPitchExtractor().extract(Audio(signal[None], rate))
        before = quality.score(signal, rate), encoder.embed(signal, rate)
        for key in options.keys:
            for name, resynthesise in methods:
                result = where_voiced(resynthesise(signal, rate, pitch, key), signal, rate, pitch)
                cents, gross, voicing = pitches.compare(signal, result, rate, key)
                row = {"source": path.stem, "key": key, "by": name}
                row["dnsmos"] = quality.score(result, rate) - before[0]
                row.update(cents=cents, gross=100 * gross, voicing=voicing)
                level = at_loudness(result, rate, loudness_of(signal, rate))
                row["to_source"] = encoder.embed(level, rate) @ before[1]
                rows.append(row)
                values = " | ".join(f"{row[c]:.3f}" for c in list(row)[3:])
                print(f"| {path.stem} | {key:+g} | {name} | {values} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
