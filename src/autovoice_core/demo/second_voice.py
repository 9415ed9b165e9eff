"""The second voice of a demo: recordings of a synthetic singer, and the voice made from them."""

from __future__ import annotations

from pathlib import Path

from autovoice_core._types import Progress
from autovoice_core.backends.need import Need
from autovoice_core.synthetic import truth
from autovoice_core.voices.profile import VoiceProfile

TARGET_SINGER = truth.SOPRANO
TAKES = 3
TAKE_SECONDS = 17.0


def record_takes(folder: Path, progress: Progress) -> list[Path]:
    """Write recordings of the second voice to ``folder``; return their paths."""
    takes = []
    for take in range(TAKES):
        progress(take / TAKES)
        sung = truth.sing(TARGET_SINGER, TAKE_SECONDS, seed=100 + take)
        takes.append(folder / f"take{take + 1}.wav")
        sung.audio.save(takes[-1])
    return takes


def voice_from(takes: list[Path], need: Need | None, progress: Progress) -> VoiceProfile:
    """Return the voice of recordings."""
    return VoiceProfile.from_recordings(
        takes,
        name=TARGET_SINGER.name,
        consent="no one's voice: synthesised",
        provenance="autovoice demo",
        need=need,
        progress=progress,
    )
