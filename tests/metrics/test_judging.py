from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Audio, InputError, Metrics, PitchTrack, VoiceProfile, compute_metrics
from autovoice_core.audio.source import AudioInMemory, Block, Source
from autovoice_core.metrics import Judges, installed_judges, judges, judging, phones
from autovoice_core.metrics.phones import edit_distance
from autovoice_core.testing import truth
from autovoice_core.voices.profile import Embedding, F0Range

RATE = 16_000


class Ear:
    """A speaker encoder that hears loudness: its embedding turns with the level."""

    version = "1"

    def embedding_of(self, stretches: Iterator[Audio]) -> Embedding | None:
        levels = [float(np.sqrt(np.mean(audio.numpy() ** 2))) for audio in stretches]
        return embedding(5 * float(np.mean(levels))) if levels else None


class Scribe:
    """Hears a phone wherever the sound begins anew after a pause."""

    def phones(self, samples: np.ndarray) -> tuple[str, ...]:
        loud = np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).max(axis=1) > 1e-3
        return ("AA",) * int(np.sum(np.diff(loud.astype(int), prepend=0) == 1))


class Critic:
    """Scores the peak; keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[np.ndarray] = []

    def score(self, samples: np.ndarray) -> float:
        self.heard.append(samples)
        return 1 + 4 * float(np.abs(samples).max())


def embedding(angle: float, encoder: str = "resemblyzer", version: str = "1") -> Embedding:
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Embedding(encoder, version, vector)


def profile(of: Embedding | None) -> VoiceProfile:
    return VoiceProfile(
        name="Ada",
        features={},
        feature_id="none/1",
        f0_range=F0Range(200, 300, 400),
        loudness=-20,
        voiced_seconds=10,
        recordings=(),
        embedding=of,
    )


def tones(seconds: float, level: float = 0.2, pause: float = 0.1) -> Audio:
    """A tone that pauses twice a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = level * np.sin(2 * np.pi * 220 * time) * (time % 0.5 > pause)
    return Audio(sound.astype(np.float32)[None], RATE)


def sung(seconds: float, start: float = 0.0, end: float = np.inf) -> PitchTrack:
    times = np.arange(round(100 * seconds) + 1) / 100
    voiced = (times >= start) & (times < end)
    return PitchTrack(np.where(voiced, 220.0, 0), voiced, voiced.astype(np.float32), 0.01)


def judged(
    before: Audio | Source,
    after: Audio | Source,
    pitch: PitchTrack,
    by: Judges,
    target: Embedding | None = None,
) -> Metrics:
    return compute_metrics(
        before,
        after,
        voice=profile(target or embedding(0.0)),
        reference_pitch=pitch,
        estimate_pitch=pitch,
        judges=by,
    )


def test_similarity_is_the_cosine_to_the_voice_and_to_the_source() -> None:
    before, after = tones(4, 0.2, 0), tones(4, 0.1, 0)
    levels = [5 * 0.2 / np.sqrt(2), 5 * 0.1 / np.sqrt(2)]
    found = judged(before, after, sung(4), Judges(speaker=Ear()))
    assert found.similarity_to_target == pytest.approx(np.cos(levels[1]), abs=2e-3)
    assert found.source_to_target == pytest.approx(np.cos(levels[0]), abs=2e-3)
    assert found.similarity_to_source == pytest.approx(np.cos(levels[0] - levels[1]), abs=2e-3)


def test_the_phone_error_is_in_percent_of_the_source() -> None:
    before, after = tones(22), tones(22)
    silenced = after.numpy().copy()
    silenced[:, : 11 * RATE] = 0
    found = judged(before, Audio(silenced, RATE), sung(22), Judges(phones=Scribe()))
    assert found.phone_error == pytest.approx(50, abs=1)
    assert judged(before, after, sung(22), Judges(phones=Scribe())).phone_error == 0


def test_quality_is_told_of_both() -> None:
    found = judged(tones(12, 0.2), tones(12, 0.4), sung(12), Judges(quality=Critic()))
    assert found.dnsmos_reference == pytest.approx(1.8, abs=0.01)
    assert found.dnsmos == pytest.approx(2.6, abs=0.01)


def test_quality_is_heard_in_windows_that_begin_at_whole_seconds() -> None:
    critic, ramp = Critic(), np.linspace(0, 0.9, 12 * RATE, dtype=np.float32)[None]
    judged(Audio(ramp, RATE), Audio(ramp, RATE), sung(12), Judges(quality=critic))
    assert [len(window) for window in critic.heard] == [144_160] * 6
    for second, window in enumerate(critic.heard[:3]):
        np.testing.assert_allclose(
            window[1000:-1000], ramp[0, second * RATE :][1000 : 144_160 - 1000], atol=1e-4
        )


def test_what_is_shorter_than_a_window_is_repeated() -> None:
    critic, short = Critic(), tones(2)
    judged(short, short, sung(2), Judges(quality=critic))
    np.testing.assert_array_equal(critic.heard[0], np.resize(critic.heard[0][: 2 * RATE], 144_160))


def test_only_what_is_sung_is_judged() -> None:
    critic = Critic()
    judged(tones(60), tones(60), sung(60, 30, 40), Judges(quality=critic))
    # Windows of 9 s that hold at least 1.8 s of the sung 10 s: those from 23 to 38 s.
    assert len(critic.heard) == 2 * 16
    assert (
        len(
            judging.Performance(AudioInMemory(tones(60)), sung(60, 30, 40)).sung(
                (0, 30 * RATE), RATE, 9
            )
        )
        == 1
    )


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


def test_of_a_long_song_so_many_windows_are_heard_spread_over_it() -> None:
    critic, song = Critic(), Long(400)
    found = judged(song, song, sung(400), Judges(phones=Scribe(), quality=critic))
    assert len(critic.heard) == 2 * judging.QUALITY_WINDOWS
    assert found.phone_error == 0
    starts = judging.Performance(song, sung(400)).sung(range(0, song.frames, RATE), RATE, 5)
    assert starts == [0, 100 * RATE, 200 * RATE, 299 * RATE, 399 * RATE]


def test_windows_are_cut_where_they_are_said_to_begin() -> None:
    samples = np.linspace(-1, 1, 40 * RATE, dtype=np.float32)[None]
    starts = [3 * RATE, 20 * RATE, 39 * RATE]
    cut = judging.excerpts(AudioInMemory(Audio(samples, RATE)), starts, 2 * RATE)
    for second, window in zip((3, 20, 39), cut, strict=True):
        wanted = samples[0, second * RATE :][: 2 * RATE]
        np.testing.assert_allclose(window, wanted, atol=1e-6)


def test_who_is_absent_is_left_out_by_name() -> None:
    found = judged(tones(3), tones(3), sung(3), Judges(absent={"phones": "needs ears: buy some"}))
    assert found.left_out == {
        "similarity_to_target": "no judge of speaker was given",
        "similarity_to_source": "no judge of speaker was given",
        "source_to_target": "no judge of speaker was given",
        "phone_error": "needs ears: buy some",
        "dnsmos": "no judge of quality was given",
        "dnsmos_reference": "no judge of quality was given",
    }
    assert "left_out" not in found.as_dict()


def test_without_a_voice_in_it_nothing_is_judged() -> None:
    everybody = Judges(Ear(), Scribe(), Critic())
    found = judged(tones(3), tones(3), sung(3, 9), everybody)
    assert set(found.left_out.values()) == {"no voice was found in audio"}
    assert len(found.left_out) == 6


def test_singing_without_words_has_no_phone_error() -> None:
    found = judged(tones(5), tones(5), sung(5), Judges(phones=Scribe()))
    assert found.left_out["phone_error"] == "only 10 speech sounds were heard in audio"


def test_a_rest_as_long_as_a_window_has_no_quality() -> None:
    found = judged(tones(9), tones(9), sung(9, 0, 1), Judges(quality=Critic()))
    assert found.left_out["dnsmos"] == "too little of audio is voiced"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (None, "the voice 'Ada' was made without a speaker encoder; make it again"),
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
        reference_pitch=sung(3),
        estimate_pitch=sung(3),
        judges=Judges(speaker=Ear()),
    )
    assert found.similarity_to_source == pytest.approx(1)
    assert found.left_out["similarity_to_target"] == reason
    assert found.left_out["source_to_target"] == reason


def test_a_conversion_may_differ_in_rate_channels_and_a_little_in_length() -> None:
    performance = truth.sing(truth.BASS, 4, RATE, seed=2).audio
    stereo = performance.resample(22_050).numpy().repeat(2, axis=0)[:, :-1000]
    found = compute_metrics(
        performance, Audio(stereo, 22_050), voice=profile(None), judges=Judges()
    )
    assert found.sdr is None
    assert found.f0_error is not None
    assert found.f0_error < 1
    assert found.voicing_agreement is not None
    assert found.voicing_agreement > 97


def test_a_conversion_of_another_length_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compute_metrics(tones(4), tones(3.5), voice=profile(None), judges=Judges())
    assert str(refusal.value) == (
        "audio: it lasts 3.50 s, but audio lasts 4.00 s; cut both to the same stretch"
    )


def test_progress_rises_to_the_end() -> None:
    told: list[float] = []
    compute_metrics(tones(2), tones(2), voice=profile(None), judges=Judges(), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


PHONES = st.lists(st.sampled_from(["AA", "K", "S"]), max_size=8)


@given(PHONES, PHONES, PHONES)
def test_the_edit_distance_is_a_metric(a: list[str], b: list[str], c: list[str]) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_the_edit_distance_counts_each_kind_of_error_once() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3


@pytest.fixture
def afresh() -> Iterator[None]:
    installed_judges.cache_clear()
    yield
    installed_judges.cache_clear()


@pytest.mark.usefixtures("afresh")
def test_a_judge_that_is_not_installed_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judges, "find_spec", lambda name: None)
    found = installed_judges()
    assert (found.speaker, found.phones, found.quality) == (None, None, None)
    install = "pip install 'autovoice-core[report]'"
    assert found.absent == {
        "speaker": f"needs resemblyzer and torch: {install}",
        "phones": f"needs pocketsphinx: {install}",
        "quality": f"needs onnxruntime and speechmos: {install}",
    }


@pytest.mark.usefixtures("afresh")
def test_a_judge_that_is_broken_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise RuntimeError("no ears")

    monkeypatch.setattr(judges, "find_spec", lambda name: True)
    monkeypatch.setattr(
        judges, "_KNOWN", {"phones": (broken, ("pocketsphinx",)), "speaker": (dict, ("torch",))}
    )
    monkeypatch.setitem(judges._KNOWN, "speaker", (lambda: None, ("torch",)))
    install = "pip install 'autovoice-core[report]'"
    assert installed_judges().absent == {
        "phones": f"pocketsphinx can't be used (no ears); install them again: {install}",
        "speaker": f"torch can't be used; install them again: {install}",
    }


def test_the_recogniser_hears_the_same_in_the_same_sound() -> None:
    pytest.importorskip("pocketsphinx", reason="the phone recogniser is not installed")
    recogniser = phones.PhoneRecogniser()
    sound = truth.sing(truth.TENOR, 6, RATE, seed=4).audio.numpy()[0]
    first = recogniser.phones(sound)
    recogniser.phones(sound[::-1].copy())
    assert recogniser.phones(sound) == first
    assert recogniser.phones(sound[:0]) == ()
    assert all(phone.isalpha() for phone in first)


def test_the_network_scores_singing_above_noise() -> None:
    pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    if installed_judges().quality is None:
        pytest.skip(installed_judges().absent["quality"])
    scorer = installed_judges().quality
    assert scorer is not None
    noise = np.random.default_rng(1).normal(0, 0.1, 144_160).astype(np.float32)
    song = np.resize(truth.sing(truth.SOPRANO, 9, RATE, seed=4).audio.numpy()[0], 144_160)
    assert 1 <= scorer.score(noise) < scorer.score(song) <= 5
