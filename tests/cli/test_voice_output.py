from __future__ import annotations

from pathlib import Path

import numpy as np
from attrs import evolve
from rich.console import Console

from autovoice_core import Provenance, VoiceProfile
from autovoice_core._printable import LONGEST_SHOWN
from autovoice_core.cli._voice_output import MAX_SHOWN, profile_table, summary_table
from autovoice_core.voices import limits, serialization
from autovoice_core.voices.summary import VoiceSummary

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"


def test_of_many_recordings_some_are_shown_and_the_rest_counted() -> None:
    profile = serialization.read(EDITH)
    many = evolve(profile, recordings=profile.recordings * (MAX_SHOWN + 50))
    console = Console(width=200)
    with console.capture() as shown:
        console.print(profile_table(many))
    lines = shown.get().splitlines()
    assert sum("take 1.flac" in line for line in lines) == MAX_SHOWN
    assert lines[-1].split() == ["recording", "and", "50", "more,", "which", "--json", "shows"]


def rows(profile: VoiceProfile) -> list[tuple[str, str]]:
    """Return the labels and values that the table of a voice shows."""
    labels, values = profile_table(profile).columns
    return list(zip(map(str, labels.cells), map(str, values.cells), strict=True))


def test_of_long_texts_the_beginning_is_shown_and_the_rest_counted() -> None:
    profile = evolve(serialization.read(EDITH), provenance="\n" * limits.MAX_TEXT_LENGTH)
    shown = "\n" * LONGEST_SHOWN + "… (18,000 more characters)"
    assert ("provenance", shown) in rows(profile)


def test_whatever_others_wrote_of_a_voice_is_few_and_short_rows() -> None:
    breaks = "\n" * limits.MAX_LABEL_LENGTH
    profile = serialization.read(EDITH)
    made_by = Provenance(breaks, breaks, breaks, "cpu", "float32", {breaks: breaks})
    arrays = {"frames": np.zeros(1)}
    hostile = evolve(
        profile,
        made_by=(made_by,) * limits.MAX_ENTRIES,
        more_features={f"{number}{'n' * 900}": arrays for number in range(limits.MAX_ENTRIES)},
        recordings=(evolve(profile.recordings[0], name=breaks),) * limits.MAX_RECORDINGS,
        settings={"mine/rvc": {f"{number}{breaks[4:]}": 1.0 for number in range(1000)}},
    )
    found = rows(hostile)
    assert len(found) < 4 * MAX_SHOWN
    assert max(len(value) for _, value in found) < 2 * LONGEST_SHOWN + 40
    assert not any("\n" in value for _, value in found)


def test_in_the_list_a_name_of_features_is_one_short_line() -> None:
    profile = serialization.read(EDITH)
    summary = VoiceSummary(
        profile.name, "n" * 1000, profile.f0_range, -20.0, 60.0, 1, None, profile.created, 9
    )
    *_, features = summary_table([summary]).columns
    assert list(map(str, features.cells)) == ["n" * 300 + "… (700 more characters)"]
