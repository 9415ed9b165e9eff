"""Perceptual figures of a conversion: speaker similarity, phones, words and naturalness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack, Progress
from autovoice_core.audio.loudness import LoudnessMeter, loudness_gain
from autovoice_core.audio.resample import resampled_length, resampled_mono
from autovoice_core.audio.source import Scaled, Source
from autovoice_core.metrics.dnsmos import WINDOW_FRAMES, Dnsmos
from autovoice_core.metrics.judges import SAMPLE_RATE, Judges
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance
from autovoice_core.metrics.words import WINDOW_FRAMES as WORD_WINDOW_FRAMES
from autovoice_core.metrics.words import WordRecogniser, tokens_lost
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import Embedding
from autovoice_core.voices.speaker_encoder import SpeakerEncoder
from autovoice_core.voices.takes import gated_take

PHONE_WINDOW_FRAMES = 10 * SAMPLE_RATE
"""Samples that the phone recogniser is given at a time."""
MAX_PHONE_WINDOWS, MAX_WORD_WINDOWS, MAX_QUALITY_WINDOWS = 30, 10, 16
"""Windows that are judged at most, spread over a longer song."""
MIN_PHONES, MIN_TOKENS = 20, 8
"""Phones and words below which their loss means nothing, as in singing without words."""
MIN_VOICED_SHARE = 0.2
"""The part of a window that must be voiced in the reference for the window to be judged."""

Samples = NDArray[np.float32]


@frozen(eq=False)
class Vocals:
    """A voice alone, and its pitch."""

    source: Source
    pitch: PitchTrack

    def voiced_starts(self, starts: Iterable[int], length: int, at_most: int) -> list[int]:
        """Return those ``starts`` whose windows are voiced; of many, some spread over them."""
        times, found = self.pitch.times, []
        for start in starts:
            span = [start / SAMPLE_RATE, (start + length) / SAMPLE_RATE]
            frames = slice(*np.searchsorted(times, span))
            if self.pitch.voiced[frames].mean() >= MIN_VOICED_SHARE:
                found.append(start)
        spread = np.linspace(0, len(found) - 1, min(at_most, len(found))).round()
        return [found[int(i)] for i in spread]


def _length(source: Source) -> int:
    return resampled_length(source.frames, source.sample_rate, SAMPLE_RATE)


def excerpts(source: Source, starts: Iterable[int], length: int) -> Iterator[Samples]:
    """Yield windows from the rising ``starts``, ``(length,)`` or less at :data:`SAMPLE_RATE`."""
    blocks = resampled_mono(source, SAMPLE_RATE)
    held, origin = np.zeros(0, np.float32), 0
    for start in starts:
        while origin + len(held) < start + length:
            block = next(blocks, None)
            if block is None:
                break
            passed = min(start - origin, len(held))
            held, origin = np.concatenate([held[passed:], block]), origin + passed
        held, origin = held[start - origin :], start
        yield held[:length]


@frozen
class PerceptualFigures:
    """Figures by the names of ``Metrics``, and for each that is missing the reason."""

    figures: Mapping[str, float] = field(factory=dict)
    left_out: Mapping[str, str] = field(factory=dict)


def perceptual_figures(
    reference: Vocals,
    estimate: Vocals,
    voice: VoiceProfile,
    judges: Judges,
    progress: Progress,
) -> PerceptualFigures:
    """Return the figures of ``estimate`` as a conversion of ``reference`` to ``voice``.

    Memory does not grow with the length: each judge is given one window at a time.
    """
    figures: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for done, (name, (names, measure)) in enumerate(_MEASURES.items()):
        judge = getattr(judges, name)
        if judge is None:
            left_out |= dict.fromkeys(names, judges.why_absent(name))
        elif not reference.pitch.voiced.any() or not estimate.pitch.voiced.any():
            silent = reference if not reference.pitch.voiced.any() else estimate
            left_out |= dict.fromkeys(names, _no_voice(silent))
        else:
            found = measure(judge, reference, estimate, voice)
            figures |= found.figures
            left_out |= found.left_out
        progress((done + 1) / len(_MEASURES))
    return PerceptualFigures(figures, left_out)


def _no_voice(vocals: Vocals) -> str:
    return f"no voice was found in {vocals.source.name}"


def _similarity(
    encoder: SpeakerEncoder, reference: Vocals, estimate: Vocals, voice: VoiceProfile
) -> PerceptualFigures:
    """Compare the speaker embeddings of both with each other and with the voice's.

    The encoder hears level too, so both are brought to that of the voice's recordings.
    """
    old, new, target = (
        _embedding(reference, encoder, voice.loudness),
        _embedding(estimate, encoder, voice.loudness),
        voice.embedding,
    )
    if old is None or new is None:
        reason = _no_voice(reference if old is None else estimate)
        return PerceptualFigures(left_out=dict.fromkeys(_MEASURES["speaker"][0], reason))
    figures = {"similarity_to_source": new.similarity(old)}
    if target is None:
        reason = (
            f"the voice {voice.name!r} was made without a speaker encoder and keeps no recordings; "
            f'make it again: autovoice voices add "{voice.name}" FILE... --replace'
        )
    elif (target.encoder, target.version) != (new.encoder, new.version):
        reason = (
            f"the voice {voice.name!r} was made with {target.encoder} {target.version}, not "
            f"{new.encoder} {new.version}; make it again"
        )
    else:
        figures["similarity_to_target"] = new.similarity(target)
        figures["source_to_target"] = old.similarity(target)
        return PerceptualFigures(figures)
    missing = ("similarity_to_target", "source_to_target")
    return PerceptualFigures(figures, dict.fromkeys(missing, reason))


def _embedding(vocals: Vocals, encoder: SpeakerEncoder, level: float) -> Embedding | None:
    """Return the embedding of the stretches that profiles are made of, at ``level`` LUFS."""
    take = gated_take(vocals.source, vocals.pitch)
    meter = LoudnessMeter(vocals.source.sample_rate, 1)
    for audio, _ in take.stretches():
        meter.feed(audio.numpy())
    scaled = Scaled(vocals.source, loudness_gain(level, meter.integrated()))
    return encoder.embedding_of(audio for audio, _ in evolve(take, source=scaled).stretches())


def _pairs(
    reference: Vocals, estimate: Vocals, length: int, at_most: int
) -> Iterator[tuple[Samples, Samples]]:
    """Yield windows of both, so that nothing can be matched with what is sung elsewhere."""
    every = range(0, _length(reference.source), length)
    starts = reference.voiced_starts(every, length, at_most)
    return zip(
        excerpts(reference.source, starts, length),
        excerpts(estimate.source, starts, length),
        strict=True,
    )


def _phone_error(
    recogniser: PhoneRecogniser, reference: Vocals, estimate: Vocals, voice: VoiceProfile
) -> PerceptualFigures:
    total = errors = 0
    for old, new in _pairs(reference, estimate, PHONE_WINDOW_FRAMES, MAX_PHONE_WINDOWS):
        phones = recogniser.phones(old)
        total += len(phones)
        errors += edit_distance(phones, recogniser.phones(new))
    if total < MIN_PHONES:
        reason = f"only {total} phones were recognised in {reference.source.name}"
        return PerceptualFigures(left_out={"phone_error": reason})
    return PerceptualFigures({"phone_error": 100.0 * errors / total})


def _words_lost(
    recogniser: WordRecogniser, reference: Vocals, estimate: Vocals, voice: VoiceProfile
) -> PerceptualFigures:
    total = lost = 0
    for old, new in _pairs(reference, estimate, WORD_WINDOW_FRAMES, MAX_WORD_WINDOWS):
        said = recogniser.transcript(old)
        if said.certain:
            total += len(said.tokens)
            lost += tokens_lost(said.tokens, recogniser.transcript(new).tokens)
    if total < MIN_TOKENS:
        reason = f"only {total} words were recognised with certainty in {reference.source.name}"
        return PerceptualFigures(left_out={"words_lost": reason})
    return PerceptualFigures({"words_lost": 100.0 * lost / total})


def quality_starts(source: Source) -> range:
    """Return where the windows of published DNSMOS scores begin: at every second."""
    seconds = _length(source) // SAMPLE_RATE - WINDOW_FRAMES // SAMPLE_RATE
    return range(0, SAMPLE_RATE * max(1, seconds), SAMPLE_RATE)


def mean_quality(scorer: Dnsmos, source: Source, starts: Iterable[int]) -> float:
    """Return the mean score of the windows; what is shorter than one is repeated."""
    windows = excerpts(source, starts, WINDOW_FRAMES)
    scores = [scorer.score(np.resize(np.clip(window, -1, 1), WINDOW_FRAMES)) for window in windows]
    return float(np.mean(scores))


def _quality(
    scorer: Dnsmos, reference: Vocals, estimate: Vocals, voice: VoiceProfile
) -> PerceptualFigures:
    """Score windows that begin at the same times in both."""
    names = _MEASURES["quality"][0]
    starts = reference.voiced_starts(
        quality_starts(reference.source), WINDOW_FRAMES, MAX_QUALITY_WINDOWS
    )
    if not starts:
        reason = f"too little of {reference.source.name} is voiced"
        return PerceptualFigures(left_out=dict.fromkeys(names, reason))
    scores = (mean_quality(scorer, each.source, starts) for each in (reference, estimate))
    return PerceptualFigures(dict(zip(names, scores, strict=True)))


_MEASURES: dict[str, tuple[tuple[str, ...], Callable[..., PerceptualFigures]]] = {
    "speaker": (
        ("similarity_to_target", "similarity_to_source", "source_to_target"),
        _similarity,
    ),
    "phones": (("phone_error",), _phone_error),
    "words": (("words_lost",), _words_lost),
    "quality": (("dnsmos_reference", "dnsmos"), _quality),
}
"""The figures that each of the ``Judges`` gives, and the function that finds them."""
