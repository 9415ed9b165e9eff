"""Conversion against the truth: what the target really said, in the same sentences.

``python benchmarks/parallel.py [--voices FOLDER FOLDER ...] [--sentences COUNT] [--backend NAME]
[--strength SHARE ...] [--json FILE]``

A voice is a folder of recordings; two are of the same sentence where their names agree behind the
last underscore: ``p225_003.flac``, ``p226_003.flac``. Every shared sentence is converted from
every voice to every other, in an octave key, by a profile of all that the target recorded but
this sentence; with ``--sentences`` the first so many are, by one profile of all others. The
result is compared with the source itself, and with the source resynthesised by our synthesiser in
the same key, without knowledge of the target. Readers whom nothing was tuned to are given by
``--voices``; ``compare_runs.py`` tells whether two runs differ by more than chance.

MCD is the mel-cepstral distortion (R. Kubichek, "Mel-cepstral distance measure for objective
speech quality assessment", 1993) to the target's own saying: cepstra 1 to 20 of our envelope up
to 7.5 kHz, voiced frames, aligned by dynamic time warping. Similarity is the cosine of embeddings,
by Resemblyzer and by CAM++, to what else the target recorded, at its loudness; the margin is that
less the similarity to what else the source recorded. Words lost are those of Whisper's transcript
of the source. Phone error is PocketSphinx's, against the source and against the target's own
saying. Words and phones are counted over all sentences together. A judge whose package is missing
is named and left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from functools import cache
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import arguments
import numpy as np
from conversion import DATA, mono, pitch_of
from figures import line
from judges import Phones, Signal, Words, available, installed
from likeness import COLUMNS as LIKENESS
from likeness import ENCODERS, Likeness
from numpy.typing import NDArray
from synthesis import ours, where_voiced

from autovoice_core import (
    Audio,
    PitchTrack,
    SingingVoiceConverter,
    VoiceProfile,
    using,
)
from autovoice_core.conversion.key import choose_key
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.content import cepstra, cosine_basis
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, dilate, sample_positions
from autovoice_core.conversion.retrieval.mel_axis import mel_positions
from autovoice_core.metrics.phones import edit_distance

MAX_HZ = 7520.0  # recordings at 16 kHz reach it too
COLUMNS = {
    "mcd": "MCD dB",
    **LIKENESS,
    "words_lost": "words lost %",
    "source_phones": "phone error %, source",
    "target_phones": "phone error %, target's own",
}


def voiced_cepstra(signal: Signal, rate: int, pitch: PitchTrack, key: float) -> NDArray[Any]:
    """Return the mel cepstra of the voiced frames of a signal ``key`` semitones above ``pitch``."""
    melody = F0Contour(pitch, key)
    numbers = np.arange(len(signal) * FRAME_RATE // rate + 2)
    f0, voiced = melody.at(numbers / FRAME_RATE)
    centres = sample_positions(numbers, rate)
    envelope = analyse(signal[None], centres, f0 * melody.ratio, dilate(voiced, 3), rate).envelope
    basis = cosine_basis(int(mel_positions(MAX_HZ)) + 1, envelope)
    found: NDArray[Any] = cepstra(envelope, basis)[voiced]
    return found


def distortion(made: NDArray[Any], wanted: NDArray[Any]) -> float:
    """Return the mel-cepstral distortion in dB, after dynamic time warping."""
    import librosa

    _, path = librosa.sequence.dtw(made.T, wanted.T, metric="euclidean")
    apart = np.linalg.norm(made[path[:, 0]] - wanted[path[:, 1]], axis=1)
    # Ours are cepstra of power, twice those of amplitude.
    return float(10 / np.log(10) / np.sqrt(2) * apart.mean())


def joined(paths: list[Path]) -> tuple[Signal, int]:
    """Return recordings one after the other, and their rate."""
    signals, rates = zip(*map(mono, paths), strict=True)
    return np.concatenate(signals), rates[0]


@cache
def profile_of(paths: tuple[Path, ...]) -> VoiceProfile:
    """Return the profile of a voice."""
    return VoiceProfile.from_recordings(paths, name=paths[0].parent.name)


def renditions(
    path: Path, voice: VoiceProfile, strengths: list[float]
) -> Iterator[tuple[str, Signal, int]]:
    """Yield what is compared: its name, its signal, and its key."""
    (signal, rate), pitch = mono(path), pitch_of(path)
    key, vocals = choose_key(pitch, voice).semitones, Audio(signal[None], rate)
    yield "source itself", signal, 0
    resynthesised = ours(signal, rate, pitch, key)
    yield "resynthesised", where_voiced(resynthesised, signal, rate, pitch), key
    convert = SingingVoiceConverter().convert
    for strength in strengths:
        made = convert(vocals, voice, pitch=pitch, key=key, strength=strength)
        yield f"converted, strength {strength:g}", made.numpy()[0], key


def measure(
    source: dict[str, Path],
    target: dict[str, Path],
    count: int | None,
    strengths: list[float],
    by: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """Yield a row for every rendition of the shared sentences from one voice to another.

    They are the first ``count``, or all.
    """
    shared = sorted(source.keys() & target.keys())
    for sentences in [shared[:count]] if count else [[sentence] for sentence in shared]:
        own, rest = ([p for s, p in v.items() if s not in sentences] for v in (source, target))
        voice = profile_of(tuple(rest))
        (spoken, spoken_rate), (others, rate) = joined(rest), joined(own)
        likeness = Likeness(by, spoken, others, (spoken_rate, rate))
        for sentence in sentences:
            path, truth = source[sentence], target[sentence]
            names = {"pair": f"{path.parent.name}, {truth.parent.name}", "sentence": sentence}
            for row in judged(path, truth, voice, strengths, likeness, by):
                yield names | row


def judged(
    path: Path,
    truth: Path,
    voice: VoiceProfile,
    strengths: list[float],
    likeness: Likeness,
    by: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """Yield a row for every rendition of ``path``; ``truth`` is the target's own saying."""
    words, recogniser = by.get("Words"), by.get("Phones")
    rate = mono(path)[1]
    wanted = voiced_cepstra(*mono(truth), pitch_of(truth), 0)
    said = list(words.hear(*mono(path))) if words else []
    if recogniser:
        references = {"source_phones": recogniser.recognise(*mono(path))}
        references["target_phones"] = recogniser.recognise(*mono(truth))
    for rendition, signal, key in renditions(path, voice, strengths):
        row: dict[str, Any] = {"by": rendition, "key": key}
        row["mcd"] = distortion(voiced_cepstra(signal, rate, pitch_of(path), key), wanted)
        row |= likeness.of(signal, rate)
        if words:
            row["words_lost"] = words.lost(said, signal, rate)
        if recogniser:
            phones = recogniser.recognise(signal, rate)
            row |= {
                name: (edit_distance(reference, phones), len(reference))
                for name, reference in references.items()
            }
        yield row


def main() -> None:
    """Measure every ordered pair of voices and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = [DATA / "voices" / name for name in ("vctk_p225", "vctk_p226")]
    parser.add_argument("--voices", type=arguments.recordings, nargs="+", metavar="FOLDER")
    parser.add_argument(
        "--sentences", type=arguments.count, metavar="COUNT", help="of those shared, the first"
    )
    named = arguments.backend("conversion")
    parser.add_argument("--backend", type=named, help="of conversion; by default the best there is")
    parser.add_argument(
        "--strength", type=arguments.strength, nargs="+", default=[1.0], metavar="SHARE"
    )
    parser.add_argument("--json", type=arguments.output, help="a file for the rows as data")
    options = parser.parse_args()
    with arguments.usage_errors(parser):
        folders = options.voices or list(map(arguments.recordings, default))
    if len(folders) < 2:
        parser.error("--voices: name the folders of two voices or more")
    files_of = [sorted(folder.iterdir()) for folder in folders]
    voices = [{path.stem.rpartition("_")[2]: path for path in files} for files in files_of]
    for (one, first), (other, second) in combinations(zip(folders, voices, strict=True), 2):
        if first.keys().isdisjoint(second):
            parser.error(
                f"--voices: {one} and {other} have no sentence in common; name recordings of the "
                "same sentence alike behind the last underscore, as a_003.flac and b_003.flac"
            )
    if options.sentences is not None:
        for folder, files in zip(folders, voices, strict=True):
            if options.sentences >= len(files):
                parser.error(
                    f"--sentences: {options.sentences} of the {len(files)} in {folder} would leave "
                    "none to convert, or none to make a profile of; give fewer"
                )
    if not available("librosa"):
        parser.error("it aligns sentences by librosa; install it: pip install librosa")
    by = installed(*ENCODERS, Words, Phones)
    print("| source, target | by |", " | ".join(COLUMNS.values()), "|")
    print("| --- | --- |", " | ".join("---" for _ in COLUMNS), "|")
    rows: list[dict[str, Any]] = []
    with using(conversion=options.backend):
        for source, target in permutations(voices, 2):
            rows += (part := list(measure(source, target, options.sentences, options.strength, by)))
            for rendition in dict.fromkeys(row["by"] for row in part):
                here = [row for row in part if row["by"] == rendition]
                print(line((here[0]["pair"], rendition), here, COLUMNS), flush=True)
    for rendition in dict.fromkeys(row["by"] for row in rows):
        here = [row for row in rows if row["by"] == rendition]
        print(line(("all", rendition), here, COLUMNS))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
