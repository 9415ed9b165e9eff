from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from fake_judges import FakeEncoder, FakeRecogniser, FakeScorer, FakeWords, judged, rms
from metrics_material import RATE, embedding, profile, tones, voiced_track

from autovoice_core import Audio, compute_metrics
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.source import AudioInMemory, Block
from autovoice_core.metrics import Judges, perceptual
from autovoice_core.voices.records import Embedding


def test_similarity_is_the_cosine_to_the_voice_and_to_the_source() -> None:
    before = tones(4, 0.2, 0)
    after = Audio(0.1 * np.sign(before.numpy()), RATE)
    found = judged(before, after, voiced_track(4), Judges(speaker=FakeEncoder()))
    assert found.similarity_to_target == pytest.approx(np.cos(1), abs=1e-3)
    assert found.source_to_target == pytest.approx(np.cos(2 * np.sqrt(2) / np.pi), abs=1e-3)
    assert found.similarity_to_source == pytest.approx(np.cos(1 - 2 * np.sqrt(2) / np.pi), abs=1e-3)


def test_a_quieter_copy_of_a_result_is_as_similar() -> None:
    before, after = tones(4, 0.2, 0), tones(4, 0.3, 0.25)
    quieter = Audio(after.numpy() / 10, RATE)
    loud, quiet = (
        judged(before, each, voiced_track(4), Judges(speaker=FakeEncoder(rms)))
        for each in (after, quieter)
    )
    assert loud.similarity_to_target == pytest.approx(quiet.similarity_to_target, abs=1e-5)
    assert loud.similarity_to_source == pytest.approx(quiet.similarity_to_source, abs=1e-5)


def test_speakers_are_compared_at_the_level_of_the_recordings_of_the_voice() -> None:
    encoder, tone = FakeEncoder(rms), tones(4, 0.01, 0)
    judged(tone, tone, voiced_track(4), Judges(speaker=encoder))
    gain = 10 ** ((profile(None).loudness - loudness(tone)) / 20)
    assert encoder.heard == pytest.approx([gain * rms(tone.numpy())] * 2, rel=0.01)


def test_the_phone_error_is_in_percent_of_the_source() -> None:
    before, after = tones(22), tones(22)
    silenced = after.numpy().copy()
    silenced[:, : 11 * RATE] = 0
    found = judged(before, Audio(silenced, RATE), voiced_track(22), Judges(phones=FakeRecogniser()))
    assert found.phone_error == pytest.approx(50, abs=1)
    assert judged(before, after, voiced_track(22), Judges(phones=FakeRecogniser())).phone_error == 0


def test_the_words_lost_are_in_percent_of_the_source() -> None:
    before, after = tones(70), tones(70)
    silenced = after.numpy().copy()
    silenced[:, : 35 * RATE] = 0
    by = Judges(words=FakeWords())
    found = judged(before, Audio(silenced, RATE), voiced_track(70), by)
    assert found.words_lost == pytest.approx(50, abs=1)
    assert judged(before, after, voiced_track(70), by).words_lost == 0


def test_no_more_words_are_lost_than_there_were() -> None:
    by = Judges(words=FakeWords())
    # Heard anew after each of many more pauses.
    chopped = tones(30).numpy() * (np.arange(30 * RATE) % 800 < 400)
    found = judged(tones(30), Audio(chopped, RATE), voiced_track(30), by)
    assert found.words_lost == 100


def test_quality_is_scored_for_both() -> None:
    found = judged(tones(12, 0.2), tones(12, 0.4), voiced_track(12), Judges(quality=FakeScorer()))
    assert found.dnsmos_reference == pytest.approx(1.8, abs=0.01)
    assert found.dnsmos == pytest.approx(2.6, abs=0.01)


def test_quality_is_scored_in_windows_that_begin_at_whole_seconds() -> None:
    scorer, ramp = FakeScorer(), np.linspace(0, 0.9, 12 * RATE, dtype=np.float32)[None]
    judged(Audio(ramp, RATE), Audio(ramp, RATE), voiced_track(12), Judges(quality=scorer))
    assert [len(window) for window in scorer.heard] == [144_160] * 6
    for second, window in enumerate(scorer.heard[:3]):
        np.testing.assert_allclose(
            window[1000:-1000], ramp[0, second * RATE :][1000 : 144_160 - 1000], atol=1e-4
        )


def test_what_is_shorter_than_a_window_is_repeated() -> None:
    scorer, short = FakeScorer(), tones(2)
    judged(short, short, voiced_track(2), Judges(quality=scorer))
    np.testing.assert_array_equal(scorer.heard[0], np.resize(scorer.heard[0][: 2 * RATE], 144_160))


def test_only_voiced_windows_are_judged() -> None:
    scorer = FakeScorer()
    judged(tones(60), tones(60), voiced_track(60, 30, 40), Judges(quality=scorer))
    # Windows of 9 s that hold at least 1.8 s of the sung 10 s: those from 23 to 38 s.
    assert len(scorer.heard) == 2 * 16
    vocals = perceptual.Vocals(AudioInMemory(tones(60)), voiced_track(60, 30, 40))
    assert vocals.voiced_starts((0, 30 * RATE), RATE, 9) == [30 * RATE]


class Long:
    """A song of any length that was never in memory."""

    name, sample_rate, channels = "long", RATE, 1

    def __init__(self, seconds: int) -> None:
        self.frames = seconds * RATE

    def blocks(self, size: int) -> Iterator[Block]:
        second = tones(1).numpy()
        for start in range(0, self.frames, size):
            count = min(size, self.frames - start)
            yield np.resize(np.roll(second, -(start % RATE), axis=1), (1, count))


def test_of_a_long_song_so_many_windows_are_judged_spread_over_it() -> None:
    scorer, song = FakeScorer(), Long(400)
    found = judged(song, song, voiced_track(400), Judges(phones=FakeRecogniser(), quality=scorer))
    assert len(scorer.heard) == 2 * perceptual.MAX_QUALITY_WINDOWS
    assert found.phone_error == 0
    starts = perceptual.Vocals(song, voiced_track(400)).voiced_starts(
        range(0, song.frames, RATE), RATE, 5
    )
    assert starts == [0, 100 * RATE, 200 * RATE, 299 * RATE, 399 * RATE]


def test_excerpts_begin_at_their_starts() -> None:
    samples = np.linspace(-1, 1, 40 * RATE, dtype=np.float32)[None]
    starts = [3 * RATE, 20 * RATE, 39 * RATE]
    cut = perceptual.excerpts(AudioInMemory(Audio(samples, RATE)), starts, 2 * RATE)
    for second, window in zip((3, 20, 39), cut, strict=True):
        wanted = samples[0, second * RATE :][: 2 * RATE]
        np.testing.assert_allclose(window, wanted, atol=1e-6)


def test_figures_of_a_missing_judge_are_left_out_with_the_reason() -> None:
    found = judged(
        tones(3), tones(3), voiced_track(3), Judges(absent={"phones": "needs ears: buy some"})
    )
    assert found.left_out == {
        "similarity_to_target": "no judge for speaker was given",
        "similarity_to_source": "no judge for speaker was given",
        "source_to_target": "no judge for speaker was given",
        "phone_error": "needs ears: buy some",
        "words_lost": "no judge for words was given",
        "dnsmos": "no judge for quality was given",
        "dnsmos_reference": "no judge for quality was given",
    }
    assert "left_out" not in found.as_dict()


def test_without_a_voice_in_it_nothing_is_judged() -> None:
    everyone = Judges(FakeEncoder(), FakeRecogniser(), FakeScorer(), FakeWords())
    found = judged(tones(3), tones(3), voiced_track(3, 9), everyone)
    assert set(found.left_out.values()) == {"no voice was found in reference"}
    assert len(found.left_out) == 7


def test_singing_without_words_has_no_phone_error() -> None:
    found = judged(tones(5), tones(5), voiced_track(5), Judges(phones=FakeRecogniser()))
    assert found.left_out["phone_error"] == "only 10 phones were recognised in reference"


@pytest.mark.parametrize(("seconds", "log_probability", "words"), [(3, -0.9, 6), (5, -1.1, 0)])
def test_what_the_word_recogniser_hears_without_certainty_does_not_count(
    seconds: float, log_probability: float, words: int
) -> None:
    by = Judges(words=FakeWords(log_probability))
    found = judged(tones(seconds), tones(seconds), voiced_track(seconds), by)
    assert found.left_out["words_lost"] == (
        f"only {words} words were recognised with certainty in reference"
    )


def test_a_rest_as_long_as_a_window_has_no_quality() -> None:
    found = judged(tones(9), tones(9), voiced_track(9, 0, 1), Judges(quality=FakeScorer()))
    assert found.left_out["dnsmos"] == "too little of reference is voiced"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (
            None,
            "the voice 'Ada' was made without a speaker encoder and keeps no recordings; "
            'make it again: autovoice voices add "Ada" FILE... --replace',
        ),
        (
            embedding(0, version="0"),
            "the voice 'Ada' was made with resemblyzer 0, not resemblyzer 1; make it again",
        ),
    ],
)
def test_a_voice_that_can_not_be_compared_is_named(target: Embedding | None, reason: str) -> None:
    found = compute_metrics(
        tones(3),
        tones(3),
        voice=profile(target),
        reference_pitch=voiced_track(3),
        estimate_pitch=voiced_track(3),
        judges=Judges(speaker=FakeEncoder()),
    )
    assert found.similarity_to_source == pytest.approx(1)
    assert found.left_out["similarity_to_target"] == reason
    assert found.left_out["source_to_target"] == reason
