"""The result of a song's conversion: its sound, in files or in memory, and what was done."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from autovoice_core._arguments import describe
from autovoice_core._errors import InputError
from autovoice_core._printable import html_text
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.output_stream import is_output_stream
from autovoice_core.audio.player import player
from autovoice_core.metrics.sung_share import SungShare
from autovoice_core.pitch.picture import picture
from autovoice_core.report import Report

CONVERSION_STEMS = ("vocals", "accompaniment", "converted")
VOCALS_ONLY_STEMS = ("vocals", "converted")


@frozen(eq=False, repr=False)
class ConvertedSong:
    """The result of :func:`~autovoice_core.convert_song`.

    Attributes
    ----------
    path
        The file that was written; None where the mix is in memory.
    voice
        Name of the voice that sings now.
    key
        Semitones by which the vocals were shifted.
    key_reason
        A sentence that says why.
    sung
        How much of the vocals was recognised as singing and converted.
    style
        The style of the vocals, key included.
    pitch
        The original singer's pitch.
    made_by
        The backend of each operation.
    vocals_gain_db
        Gain that brought the new vocals to the loudness of the old ones (BS.1770).
    mix_gain_db
        0, or the negative gain that brought its true peak down to -1 dBTP.
    stems
        ``vocals``, ``accompaniment`` and ``converted``, or without the accompaniment where vocals
        alone were given: files in the folder for them, or sounds in memory.
    seconds
        How long each stage took.
    report
        Figures of the conversion, where a report was requested.
    replaced
        Those of the files that existed already.
    """

    path: Path | None
    voice: str
    key: float
    key_reason: str
    sung: SungShare
    style: Style
    pitch: PitchTrack
    made_by: tuple[Provenance, ...]
    vocals_gain_db: float
    mix_gain_db: float
    stems: tuple[Path, ...] | tuple[Audio, ...]
    seconds: dict[str, float]
    report: Report | None = None
    replaced: tuple[Path, ...] = ()
    _mix: Audio | None = None

    def __repr__(self) -> str:
        where = repr(self._mix) if self.path is None else repr(str(self.path))
        share = f"{self.sung.converted:.0%} of the singing converted"
        return f"ConvertedSong({self.voice!r}, key {self.key:+g}, {share}, {where})"

    def _repr_html_(self) -> str:
        """Return a player of the mix, the pitch of the old vocals and figures, for notebooks."""
        lines = [
            f"Sung by {self.voice}, {self.key:+g} semitones: {self.key_reason}",
            f"{self.sung.converted:.0%} of the singing converted",
            f"stem(name) is one of {', '.join(self._stem_names)}" if self.stems else "",
        ]
        text = "<br>".join(html_text(line) for line in lines if line)
        report = "" if self.report is None else self.report._repr_html_()
        return f"<p>{text}</p>{self._player()}{picture(self.pitch)}{report}"

    def _player(self) -> str:
        if self._mix is not None:
            return player(self._mix, "mix")
        # A pipe can't be read again.
        readable = self.path is not None and not is_output_stream(self.path)
        return player(self.path, self.path.name) if self.path and readable else ""

    @property
    def mix(self) -> Audio:
        """The mix, read from its file where it is not in memory.

        Raises
        ------
        InputError
            The file can't be read, or it was a pipe or a device.
        """
        if self._mix is not None:
            return self._mix
        if self.path is None or is_output_stream(self.path):
            raise InputError(f"mix: it went to {self.path}, so it can't be read; give out a file")
        return Audio.load(self.path)

    def stem(self, name: str) -> Audio:
        """Return one of the ``stems`` by its name, read from its file where it is not in memory.

        Raises
        ------
        InputError
            No stem of this name was kept.
        """
        kept: dict[str, Path | Audio] = dict(zip(self._stem_names, self.stems, strict=False))
        if name not in kept:
            raise InputError(
                f"name: {describe(name)} is none of the stems that were kept "
                f"({', '.join(kept) or 'none'}); to keep them, give convert_song a folder as stems"
            )
        stem = kept[name]
        return stem if isinstance(stem, Audio) else Audio.load(stem)

    @property
    def _stem_names(self) -> tuple[str, ...]:
        alone = len(self.stems) <= len(VOCALS_ONLY_STEMS)
        return VOCALS_ONLY_STEMS if alone else CONVERSION_STEMS

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that was written, with the mix last."""
        page = None if self.report is None else self.report.path
        return tuple(file for file in (*self.stems, page, self.path) if isinstance(file, Path))
