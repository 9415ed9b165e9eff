"""A conversion before its judges: who sings, in which words, and how natural it sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack, Progress
from autovoice_core.audio.resample import resampled, resampled_length
from autovoice_core.audio.source import Source
from autovoice_core.metrics.judges import Judges
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance
from autovoice_core.metrics.quality import LENGTH, Dnsmos
from autovoice_core.voices.profile import Embedding, VoiceProfile
from autovoice_core.voices.speaker_encoder import SpeakerEncoder
from autovoice_core.voices.takes import take

RATE = 16_000
"""Hz at which all judges listen."""
PHONE_WINDOW = 10 * RATE
"""Samples that the phone recogniser hears at once."""
PHONE_WINDOWS, QUALITY_WINDOWS = 30, 16
"""How many windows are listened to; of a longer song, so many spread over it."""
LEAST_PHONES = 20
"""Speech sounds below which their error says nothing, as in singing without words."""
SUNG = 0.2
"""The part of a window that must be voiced in the reference for the window to be judged."""

Samples = NDArray[np.float32]


@frozen(eq=False)
class Performance:
    """A voice alone, and its pitch."""

    source: Source
    pitch: PitchTrack

    def sung(self, starts: Iterable[int], length: int, at_most: int) -> list[int]:
        """Return the ``starts`` of windows that are sung; of many, some spread over all of them."""
        times, found = self.pitch.times, []
        for start in starts:
            frames = slice(*np.searchsorted(times, [start / RATE, (start + length) / RATE]))
            if self.pitch.voiced[frames].mean() >= SUNG:
                found.append(start)
        spread = np.linspace(0, len(found) - 1, min(at_most, len(found))).round()
        return [found[int(i)] for i in spread]


def _length(source: Source) -> int:
    return resampled_length(source.frames, source.sample_rate, RATE)


def excerpts(source: Source, starts: Iterable[int], length: int) -> Iterator[Samples]:
    """Yield what begins at the rising ``starts``, ``(length,)`` or less at :data:`RATE`."""
    blocks = resampled(source, RATE)
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
class Verdict:
    """What judges found, by the names of ``Metrics``, and why they found no more."""

    figures: Mapping[str, float] = field(factory=dict)
    left_out: Mapping[str, str] = field(factory=dict)


def judge(
    before: Performance,
    after: Performance,
    voice: VoiceProfile,
    judges: Judges,
    progress: Progress,
) -> Verdict:
    """Judge ``after`` as ``before`` sung again in ``voice``.

    Memory does not grow with the length: each judge listens to one window at a time.
    """
    figures: dict[str, float] = {}
    left_out: dict[str, str] = {}
    for done, (name, (names, ask)) in enumerate(_ASKED.items()):
        one = getattr(judges, name)
        if one is None:
            left_out |= dict.fromkeys(names, judges.why_absent(name))
        elif not before.pitch.voiced.any() or not after.pitch.voiced.any():
            silent = before if not before.pitch.voiced.any() else after
            left_out |= dict.fromkeys(names, f"no voice was found in {silent.source.name}")
        else:
            verdict = ask(one, before, after, voice)
            figures |= verdict.figures
            left_out |= verdict.left_out
        progress((done + 1) / len(_ASKED))
    return Verdict(figures, left_out)


def _similarity(
    encoder: SpeakerEncoder, before: Performance, after: Performance, voice: VoiceProfile
) -> Verdict:
    own, new, target = _voice_of(before, encoder), _voice_of(after, encoder), voice.embedding
    if own is None or new is None:
        silent = before if own is None else after
        reason = f"no voice was found in {silent.source.name}"
        return Verdict(left_out=dict.fromkeys(_ASKED["speaker"][0], reason))
    figures = {"similarity_to_source": new.similarity(own)}
    if target is None:
        reason = f"the voice {voice.name!r} was made without a speaker encoder; make it again"
    elif (target.encoder, target.version) != (new.encoder, new.version):
        reason = (
            f"the voice {voice.name!r} was made with {target.encoder} {target.version}, not "
            f"{new.encoder} {new.version}; make it again"
        )
    else:
        figures["similarity_to_target"] = new.similarity(target)
        figures["source_to_target"] = own.similarity(target)
        return Verdict(figures)
    return Verdict(figures, dict.fromkeys(("similarity_to_target", "source_to_target"), reason))


def _voice_of(performance: Performance, encoder: SpeakerEncoder) -> Embedding | None:
    """Return the embedding of whoever sings, by the stretches that profiles are made from."""
    stretches = take(performance.source, performance.pitch).stretches()
    return encoder.embedding_of(audio for audio, _ in stretches)


def _phone_error(
    recogniser: PhoneRecogniser, before: Performance, after: Performance, voice: VoiceProfile
) -> Verdict:
    """Compare window by window, so that a phone can't be matched with one sung elsewhere."""
    starts = before.sung(
        range(0, _length(before.source), PHONE_WINDOW), PHONE_WINDOW, PHONE_WINDOWS
    )
    said = errors = 0
    for own, new in zip(
        excerpts(before.source, starts, PHONE_WINDOW),
        excerpts(after.source, starts, PHONE_WINDOW),
        strict=True,
    ):
        reference = recogniser.phones(own)
        said += len(reference)
        errors += edit_distance(reference, recogniser.phones(new))
    if said < LEAST_PHONES:
        reason = f"only {said} speech sounds were heard in {before.source.name}"
        return Verdict(left_out={"phone_error": reason})
    return Verdict({"phone_error": 100.0 * errors / said})


def quality_starts(source: Source) -> range:
    """Return where the windows of published DNSMOS scores begin: at every second."""
    return range(0, RATE * max(1, _length(source) // RATE - LENGTH // RATE), RATE)


def mean_quality(scorer: Dnsmos, source: Source, starts: Iterable[int]) -> float:
    """Return the mean score of the windows; what is shorter than one is repeated."""
    heard = excerpts(source, starts, LENGTH)
    scores = [scorer.score(np.resize(np.clip(window, -1, 1), LENGTH)) for window in heard]
    return float(np.mean(scores))


def _quality(
    scorer: Dnsmos, before: Performance, after: Performance, voice: VoiceProfile
) -> Verdict:
    names = _ASKED["quality"][0]
    starts = before.sung(quality_starts(before.source), LENGTH, QUALITY_WINDOWS)
    if not starts:
        reason = f"too little of {before.source.name} is voiced"
        return Verdict(left_out=dict.fromkeys(names, reason))
    scores = (mean_quality(scorer, each.source, starts) for each in (before, after))
    return Verdict(dict(zip(names, scores, strict=True)))


_ASKED: dict[str, tuple[tuple[str, ...], Callable[..., Verdict]]] = {
    "speaker": (
        ("similarity_to_target", "similarity_to_source", "source_to_target"),
        _similarity,
    ),
    "phones": (("phone_error",), _phone_error),
    "quality": (("dnsmos_reference", "dnsmos"), _quality),
}
"""The figures of each of the ``Judges``, and how it is asked for them."""
