from __future__ import annotations

from pathlib import Path

from attrs import evolve
from rich.console import Console

from autovoice_core.cli._voice_output import MAX_SHOWN, profile_table
from autovoice_core.voices import serialization

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"


def test_of_many_recordings_some_are_shown_and_the_rest_counted() -> None:
    profile = serialization.read(EDITH)
    many = evolve(profile, recordings=profile.recordings * (MAX_SHOWN + 50))
    console = Console(width=200)
    with console.capture() as shown:
        console.print(profile_table(many))
    lines = shown.get().splitlines()
    assert sum("take 1.flac" in line for line in lines) == MAX_SHOWN
    assert lines[-1].split() == ["recordings", "and", "50", "more,", "which", "--json", "shows"]
