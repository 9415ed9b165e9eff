"""Conversion of a whole song: separate, track the pitch, convert, remix, report.

Audio between two stages is kept on disk or on the device, so that memory does not grow with the
length of the song.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Unpack

from attrs import evolve, frozen

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style, StyleOptions
from autovoice_core._types import PitchTrack
from autovoice_core.audio.reading import AudioFile
from autovoice_core.backends.need import Need
from autovoice_core.backends.selection import plan, select
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.conversion.key import key_of
from autovoice_core.memory.limit import Amount
from autovoice_core.metrics.sung_share import SungShare, sung_share
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.report import Report
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs import steps
from autovoice_core.songs.intermediate import open_store
from autovoice_core.songs.outputs import conversion_paths, default_out, gain_to_db, open_outputs
from autovoice_core.songs.remix import MAX_TRUE_PEAK_DB
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage

CONVERSION_STEMS = ("vocals", "accompaniment", "converted")
VOCALS_ONLY_STEMS = ("vocals", "converted")
MIN_TOLD_GAIN_DB = 0.05
"""Least reduction of the mix that is told of, dB: 0.0 would be none."""
_SHARES = {"separation": 0.45, "pitch": 0.1, "conversion": 0.4, "remix": 0.05, "report": 0.5}


@frozen(eq=False)
class ConvertedSong:
    """The result of :func:`convert_song`.

    Attributes
    ----------
    path
        The file that was written.
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
        Files of :data:`CONVERSION_STEMS`, where they were requested.
    seconds
        How long each stage took.
    report
        Figures of the conversion, where a report was requested.
    replaced
        Those of the files that existed already.
    """

    path: Path
    voice: str
    key: float
    key_reason: str
    sung: SungShare
    style: Style
    pitch: PitchTrack
    made_by: tuple[Provenance, ...]
    vocals_gain_db: float
    mix_gain_db: float
    stems: tuple[Path, ...]
    seconds: dict[str, float]
    report: Report | None = None
    replaced: tuple[Path, ...] = ()


def convert_song(
    song: str | Path,
    voice: VoiceProfile | str,
    out: str | Path | None = None,
    *,
    stems: str | Path | None = None,
    vocals_only: bool = False,
    report: str | Path | None = None,
    need: Need | None = None,
    memory_limit: Amount | None = None,
    threads: int | None = None,
    overwrite: bool = True,
    progress: StageProgress | None = None,
    **style: Unpack[StyleOptions],
) -> ConvertedSong:
    """Convert the vocals of ``song`` to ``voice`` and write the result.

    Rate, channels, length (to the sample) and format of the song are kept; another suffix of
    ``out`` chooses another format.

    Parameters
    ----------
    song
        A sound file of any length, 8 to 192 kHz, 1 to 8 channels.
    voice
        A profile, or the name of one in the default :class:`VoiceProfileStorage`.
    out
        The file to write; by default ``<song>.<voice><suffix>`` in the song's folder.
    stems
        A folder to write the stems to, as FLAC: the vocals, the accompaniment, the new vocals.
    vocals_only
        The file is a voice alone: nothing is separated or remixed.
    report
        A page to write about the vocals before and after; see
        :func:`~autovoice_core.report.write_report`.
    need
        Requirements on the backends; all of them run on one device.
    memory_limit
        Bytes, or text such as ``"2 GB"``: what this process may hold in all, or of the GPU on a
        GPU. By default the environment variable ``AUTOVOICE_MEMORY_LIMIT``, if it is set. A
        report is not counted.
    threads
        Threads to use on the CPU; by default the environment variable ``AUTOVOICE_THREADS``, if it
        is set, or one per core. The result does not depend on it.
    overwrite
        Whether files that exist are replaced; else they are refused.
    progress
        Called with the stage and the fraction done.
    **style
        Attributes of :class:`~autovoice_core.Style`, e.g. ``key=-3``; by default those of the
        profile. A key that is not a whole number of octaves shifts the accompaniment too.

    Raises
    ------
    InputError
        The song can't be read or holds no singing, ``out`` is the song or can't be written, or
        the backend can't do what the style asks for.
    SelectionError
        No backend meets ``need``.
    StorageError
        There is no such voice.
    """
    source = AudioFile(song)
    profile = VoiceProfileStorage().get(voice) if isinstance(voice, str) else voice
    path = Path(out) if out is not None else default_out(source, profile.name)
    names = VOCALS_ONLY_STEMS if vocals_only else CONVERSION_STEMS
    paths = conversion_paths(source, path, stems, names, report, overwrite=overwrite)
    need = _on_one_device(need or Need(), vocals_only=vocals_only)
    converter = SingingVoiceConverter(need=need, memory_limit=memory_limit, threads=threads)
    requested = converter.style_for(profile, **style)
    stages = Stages(_shares(vocals_only=vocals_only, report=report is not None), progress)
    job = steps.ConversionJob(source, profile, requested, vocals_only, need, paths, stages)
    with open_outputs(source, paths) as outputs:
        separator = (
            None
            if vocals_only
            else VocalSeparator(need=need, memory_limit=memory_limit, threads=threads)
        )
        extractor = SingingPitchExtractor(need=need, memory_limit=memory_limit)
        engines = [each for each in (separator, extractor, converter) if each is not None]
        for engine in engines:
            engine.check_memory_limit(source)
        store = open_store(source, outputs.scratch, engines[0])
        made_by = tuple(engine.chosen.provenance for engine in engines)

        vocals = steps.separate(job, separator, store)
        pitch = steps.follow_pitch(job, extractor, vocals)
        del engines, extractor  # and with them what a network of its backend holds
        key = key_of(job.style, profile, pitch, from_voice="key" not in style)
        job = evolve(job, style=evolve(job.style, key=float(key.semitones)))
        converted = steps.convert(job, converter, store, vocals, pitch)
        mix = steps.remix(job, outputs, store, vocals, converted)
        song_or_vocals = mix.vocals if vocals_only else source
        sung = sung_share(song_or_vocals, mix.vocals, pitch, key=float(key.semitones))
        judged = steps.write_report(job, outputs, mix, pitch, sung, made_by)
    if gain_to_db(mix.gain) <= -MIN_TOLD_GAIN_DB:
        warnings.warn(
            f"{path}: turned down by {-gain_to_db(mix.gain):.1f} dB "
            f"to keep its true peak at {MAX_TRUE_PEAK_DB:g} dBTP",
            AutoVoiceWarning,
            stacklevel=2,
        )
    for message in filter(None, (key.warning, sung.warning(source.path))):
        warnings.warn(message, AutoVoiceWarning, stacklevel=2)
    return ConvertedSong(
        path=path,
        voice=profile.name,
        key=float(job.style.key),
        key_reason=key.reason,
        sung=sung,
        style=job.style,
        pitch=pitch,
        made_by=made_by,
        vocals_gain_db=gain_to_db(mix.vocals_gain),
        mix_gain_db=gain_to_db(mix.gain),
        stems=paths.stems,
        seconds=stages.seconds,
        report=judged,
        replaced=outputs.replaced,
    )


def _on_one_device(need: Need, *, vocals_only: bool) -> Need:
    """Return ``need`` on the device that serves the whole job; a voice alone isn't separated."""
    device = select("pitch", need).device if vocals_only else plan(need).device
    return evolve(need, devices=(device,))


def _shares(*, vocals_only: bool, report: bool) -> dict[str, float]:
    """Return the share of the time that each stage takes, by its name."""
    skipped = {"separation": vocals_only, "report": not report}
    return {stage: share for stage, share in _SHARES.items() if not skipped.get(stage)}
