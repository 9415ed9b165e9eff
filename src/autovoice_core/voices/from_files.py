"""``FromFiles``: the ways to make a voice profile from files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from autovoice_core._types import Progress

if TYPE_CHECKING:
    from autovoice_core._arguments import PathLike
    from autovoice_core.audio.reading import SoundInput
    from autovoice_core.backends.need import Need


class FromFiles:
    """The part of :class:`~autovoice_core.VoiceProfile` that makes it."""

    __slots__ = ()

    @classmethod
    def from_recordings(
        cls,
        recordings: Iterable[SoundInput] | SoundInput,
        *,
        name: str,
        consent: str = "",
        provenance: str = "",
        need: Need | None = None,
        progress: Progress | None = None,
        keep: float | None = None,
    ) -> Self:
        """Make the profile of a voice from recordings of it alone, spoken or sung.

        Parameters
        ----------
        recordings
            Sound files of any format, rate and length that can be read, or sounds in memory,
            or only one of them. Silences are skipped, and a recording given twice counts once.
            Memory does not grow with the length of files, apart from the features that are kept.
        name
            The name of the voice.
        consent, provenance
            Free text: who agreed to what, and where the recordings come from.
        need
            What the backends must offer; by default any on the processor.
            ``using(conversion=...)`` and ``using(pitch=...)`` name one.
        progress
            Called with the fraction done.
        keep
            Seconds of voiced sound to keep of longer recordings, 8 to 600; pieces from all of
            them are kept. By default the converter chooses: 300.

        Raises
        ------
        InputError
            A recording can't be read, less than 8 s in all are voiced, or ``keep`` is out of
            range.
        """
        # Enrolment needs most of the library; a profile needs next to nothing of it.
        from autovoice_core.voices.enrol import enrol

        return cls(
            **enrol(
                recordings,
                name=name,
                consent=consent,
                provenance=provenance,
                need=need,
                progress=progress,
                keep=keep,
            )
        )

    @classmethod
    def from_rvc(
        cls,
        model: PathLike,
        *,
        index: PathLike | None = None,
        name: str,
        recordings: Iterable[SoundInput] | SoundInput | None = None,
        f0_range: Sequence[float] | None = None,
        consent: str = "",
        provenance: str = "",
        need: Need | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Make the profile of a voice that RVC trained, by the plugin ``autovoice-rvc``.

        The files are not needed any more then: the profile holds all that they hold.

        Parameters
        ----------
        model
            A ``.pth`` or ``.safetensors`` file of RVC v1 or v2, or the folder or zip in which it
            is shared.
        index
            The ``.index`` file that belongs to it; by default the one in the folder or zip.
        name
            The name of the voice.
        recordings
            Recordings of the voice alone, as for :meth:`from_recordings`: they tell its range, its
            loudness and how it sounds to a speaker encoder.
        f0_range
            Without recordings: its lowest and highest usual note, Hz, or the 5th, 50th and 95th
            percentile of its f0.
        consent, provenance
            Free text: who agreed to what, and where the files come from.
        need
            What the backends must offer.
        progress
            Called with the fraction done.

        Raises
        ------
        InputError
            A file can't be read, or neither recordings nor a range are given.
        ModelError
            A file is no voice of RVC, or not of a kind that is known; says what it is.
        UnknownBackend
            The plugin is not installed, or not enabled.
        """
        from autovoice_core.voices.trained import trained

        return cls(
            **trained(
                model,
                index=index,
                name=name,
                recordings=recordings,
                f0_range=f0_range,
                consent=consent,
                provenance=provenance,
                need=need,
                progress=progress,
            )
        )
