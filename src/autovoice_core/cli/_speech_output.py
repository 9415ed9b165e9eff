"""The voice that `say` and `sing` name, and the account of what they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core.audio.atomic import check_output, existing_files, is_same_file
from autovoice_core.audio.output_format import format_for
from autovoice_core.audio.output_stream import is_standard_output
from autovoice_core.cli._output import print_json, print_written
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage

SPEECH_FILE_HELP = "The file to write; its suffix names the format."


@frozen
class SpeechOutput:
    """What was said or sung, where it was written, and how long that took.

    Attributes
    ----------
    path, replaced
        The file, and the same if there was one before.
    voice, language
        As given; without a voice it is the engine's own.
    audio_seconds, work_seconds
        Length of the sound, and time that it took.
    made_by
        The operations that made it.
    """

    path: Path
    replaced: Sequence[Path]
    voice: str | None
    language: str
    audio_seconds: float
    work_seconds: float
    made_by: Sequence[Provenance]

    def print(self, done: str, *, as_json: bool, **more: Any) -> None:
        """Print it in words, beginning with ``done`` (``"said"``), or as JSON with ``more``."""
        err = is_standard_output(self.path)
        if as_json:
            print_json(
                {
                    "path": str(self.path),
                    "voice": self.voice,
                    "language": self.language,
                    **more,
                    "audio_s": round(self.audio_seconds, 3),
                    "seconds": round(self.work_seconds, 3),
                    "made_by": [str(made) for made in self.made_by],
                    "replaced": [str(path) for path in self.replaced],
                },
                err=err,
            )
            return
        for made in self.made_by:
            click.echo(str(made), err=err)
        who = f"in the voice of {self.voice}" if self.voice else "in the engine's own voice"
        click.echo(f"{done} {self.audio_seconds:.1f} s {who} in {self.work_seconds:.1f} s", err=err)
        print_written([self.path], self.replaced, err=err)


def check_place(out: Path, *, overwrite: bool, reads: Iterable[object] = ()) -> Sequence[Path]:
    """Check that sound can be written to ``out``, before the work; return the file it replaces.

    Raises
    ------
    InputError
        It can't, or is the path of one of ``reads``, of which others are no paths.
    """
    for read in reads:
        if isinstance(read, Path) and is_same_file(out, read):
            raise InputError(f"{out}: is read for the song; give the result another name")
    check_output(out, overwrite=overwrite)
    format_for(out, None)
    return existing_files(out)


def stored_voice(name: str | None, db: Path | None) -> VoiceProfile | None:
    """Return the voice of that name, or None without a name."""
    return None if name is None else VoiceProfileStorage(db).get(name)
