from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    AutoVoiceWarning,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VocalSeparator,
    VoiceProfile,
    _windowed,
)
from autovoice_core.synthetic import truth


def within(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let a limit make windows of this length."""
    real = _windowed.fit_windows

    def fit(opened: Any, limit: Any, load: Any) -> Any:
        plan, max_batch = real(opened, limit, load)
        assert plan.limited
        plan.core = max(plan.grid, int(seconds * load.sample_rate) // plan.grid * plan.grid)
        return plan, max_batch

    monkeypatch.setattr(_windowed, "fit_windows", fit)


def decibels(one: Audio, other: Audio) -> float:
    difference = np.sum((one.numpy() - other.numpy()) ** 2, dtype=np.float64)
    energy = np.sum(one.numpy() ** 2, dtype=np.float64)
    return float(10 * np.log10(difference / energy + 1e-20))


def test_results_do_not_depend_on_the_limit(
    monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile
) -> None:
    song = truth.song(seconds=40, sample_rate=8000, seed=6)
    sung = song.stems.vocals
    parted = VocalSeparator().separate(song.mixture)
    track = SingingPitchExtractor().extract(sung)
    again = SingingVoiceConverter().convert(sung, voice, pitch=track)
    within(monkeypatch, 15.0)
    less = VocalSeparator(memory_limit="1 TB").separate(song.mixture)
    within(monkeypatch, 3.0)
    followed = SingingPitchExtractor(memory_limit="1 TB").extract(sung)
    within(monkeypatch, 4.0)
    converted = SingingVoiceConverter(memory_limit="1 TB").convert(sung, voice, pitch=track)
    assert decibels(parted.vocals, less.vocals) < -80
    assert decibels(again, converted) < -80
    np.testing.assert_array_equal(followed.voiced, track.voiced)
    cents = 1200 * np.abs(np.log2(followed.f0[track.voiced] / track.f0[track.voiced]))
    assert cents.max() < 1


def test_a_converter_that_runs_out_of_memory_sings_the_same(
    monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile
) -> None:
    take = truth.sing(truth.TENOR, seconds=12, sample_rate=8000, seed=2)
    track = SingingPitchExtractor().extract(take.audio)
    whole = SingingVoiceConverter().convert(take.audio, voice, pitch=track)
    converter = SingingVoiceConverter(memory_limit="1 TB")
    inner = converter._opened.inner
    begin = inner.begin

    def begun(*given: Any, **named: Any) -> Any:
        made = begin(*given, **named)
        for name in ("observe", "render"):
            monkeypatch.setattr(made, name, small(getattr(made, name)))
        return made

    def small(method: Any) -> Any:
        def work(vocals: Audio, start: int) -> Any:
            if vocals.duration > 7:
                raise MemoryError
            return method(vocals, start)

        return work

    monkeypatch.setattr(inner, "begin", begun)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parts = converter.convert(take.audio, voice, pitch=track)
    assert [each.category for each in caught] == [AutoVoiceWarning] * len(caught) != []
    assert decibels(whole, parts) < -80
