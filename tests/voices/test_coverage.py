from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import InputError, VoiceProfile
from autovoice_core.voices import serialization
from autovoice_core.voices.coverage import MIDI_NOTES, Coverage

MakeProfile = Callable[..., VoiceProfile]


def missing(
    seconds: dict[int, float], dynamics: float = 20.0, noise: float = 50.0
) -> tuple[str, ...]:
    notes = [seconds.get(number, 0.0) for number in range(MIDI_NOTES)]
    return tuple(Coverage(notes, dynamics, noise).missing())


TWO_OCTAVES = dict.fromkeys(range(52, 77), 4.0)


def test_a_voice_of_two_octaves_soft_and_loud_lacks_nothing() -> None:
    assert missing(TWO_OCTAVES) == ()


def test_too_little_sound_is_said() -> None:
    assert missing(dict.fromkeys(TWO_OCTAVES, 14 / 25)) == (
        "record 40 s or more, as only 14 s are voiced",
    )


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (
            list(range(57, 70)) * 2,
            (
                "sing higher, as there is nothing above A4",
                "sing lower, as there is nothing below A3",
            ),
        ),
        ([*range(50, 66)] + [66, 67, 68, 69] * 6, ("sing higher, as there is nothing above A4",)),
        ([57, 58, 59] * 6 + [*range(60, 76)], ("sing lower, as there is nothing below A3",)),
        (
            [*range(45, 58), *range(67, 80)],
            ("sing between A3 and G4, as there is nothing in between",),
        ),
    ],
)
def test_notes_that_nobody_sang_are_named(notes: Sequence[int], said: tuple[str, ...]) -> None:
    assert missing({number: 4.0 * notes.count(number) for number in notes}) == said


def test_a_slip_of_the_voice_is_no_note() -> None:
    assert missing({**TWO_OCTAVES, 90: 0.05}) == ()
    assert missing({**TWO_OCTAVES, 30: 0.5}) == ()


def test_singing_always_as_loud_is_said() -> None:
    assert missing(TWO_OCTAVES, dynamics=5.4) == (
        "sing softly and loudly, as they are only 5 dB apart",
    )


def test_noise_is_said() -> None:
    assert missing(TWO_OCTAVES, noise=17.8) == (
        "record in a quieter place, as the noise is only 18 dB below the voice",
    )


def test_silence_lacks_everything_but_notes() -> None:
    assert missing({}) == ("record 40 s or more, as only 0 s are voiced",)


@given(
    f0=st.lists(st.floats(30, 4000), min_size=1, max_size=40),
    hop=st.sampled_from([0.005, 0.01]),
)
def test_every_voiced_frame_is_counted_at_its_note(f0: list[float], hop: float) -> None:
    found = Coverage.from_frames(np.array(f0), np.linspace(-40, -20, len(f0)), 30.0, hop)
    assert sum(found.notes) == pytest.approx(hop * len(f0), abs=0.001 * MIDI_NOTES)
    for hertz in f0:
        assert found.notes[round(69 + 12 * np.log2(hertz / 440))] > 0
    assert found.dynamics == pytest.approx(16.0 if len(f0) > 1 else 0.0)


@pytest.mark.parametrize("notes", [[1.0], [-1.0] * MIDI_NOTES, [np.nan] * MIDI_NOTES])
def test_what_is_no_count_of_notes_is_refused(notes: list[float]) -> None:
    with pytest.raises(InputError) as caught:
        Coverage(notes, 1.0, 1.0)
    assert str(caught.value) == ("notes: not 128 durations in seconds; give one for each MIDI note")


def test_a_profile_knows_what_is_missing(make_profile: MakeProfile) -> None:
    assert make_profile().missing == ()
    profile = make_profile(heard=Coverage([0.5] * MIDI_NOTES, 3.0, 60.0))
    said = ("sing softly and loudly, as they are only 3 dB apart",)
    assert profile.missing == said
    again = serialization.loads(serialization.dumps(profile), "x.voice")
    assert again.missing == said
    assert attrs.asdict(again)["heard"] == attrs.asdict(profile)["heard"]
