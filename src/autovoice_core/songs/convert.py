"""The main job: a song goes in, the same song sung in another voice comes out.

Separate, follow the pitch, convert, remix. What lies between two stages is kept on disk, so that
memory does not grow with the length of the song.
"""

from __future__ import annotations

import math
import tempfile
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

from attrs import asdict, evolve, frozen

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style, StyleOptions
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import made_folder, moved_into_place
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.source import Scaled
from autovoice_core.audio.together import refuse_overwriting, together
from autovoice_core.audio.writing import AudioWriter
from autovoice_core.backends.offer import Need
from autovoice_core.backends.selection import plan, select
from autovoice_core.conversion.converter import SingingVoiceConverter, resolved
from autovoice_core.memory.limit import Amount
from autovoice_core.metrics.judging import Performance
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.report import Report, report_on
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs.intermediate import between_stages
from autovoice_core.songs.remix import Remix, matching_gain
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage

_SHARES = {"separation": 0.45, "pitch": 0.1, "conversion": 0.4, "remix": 0.05, "report": 0.5}
_LEAST_VOICED_S = 0.25
STEMS = ("vocals", "accompaniment", "converted")
_VOCALS_ONLY_STEMS = ("vocals", "converted")


@frozen(eq=False)
class ConvertedSong:
    """What became of a song.

    Attributes
    ----------
    path
        The file that was written.
    voice
        Name of the voice it is sung in now.
    key
        Semitones by which the vocals moved.
    style
        How they were asked to be sung, key included.
    pitch
        The original singer's pitch.
    made_by
        What did each operation.
    vocals_gain_db
        Gain that brought the new vocals to the loudness of the old ones (BS.1770).
    mix_gain_db
        0, or the negative gain that brought a peak under full scale.
    stems
        Files of :data:`STEMS`, where they were asked for.
    seconds
        How long each stage took.
    report
        How well it turned out, where that was asked for.
    """

    path: Path
    voice: str
    key: float
    style: Style
    pitch: PitchTrack
    made_by: tuple[Provenance, ...]
    vocals_gain_db: float
    mix_gain_db: float
    stems: tuple[Path, ...]
    seconds: dict[str, float]
    report: Report | None = None


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
    progress: StageProgress | None = None,
    **style: Unpack[StyleOptions],
) -> ConvertedSong:
    """Sing ``song`` again in ``voice`` and write the result.

    Rate, channels, length (to the sample) and format of the song are kept; another suffix of
    ``out`` chooses another format.

    Parameters
    ----------
    song
        A sound file of any length, 8 to 192 kHz, 1 to 8 channels.
    voice
        A profile, or the name of one in the default :class:`VoiceProfileStorage`.
    out
        The file to write; ``<song>.<voice><suffix>`` beside the song by default.
    stems
        A folder to leave the stems in as FLAC: the vocals, the accompaniment, and the new vocals.
    vocals_only
        The file is a voice alone: nothing is separated or remixed.
    report
        A page to write about the vocals before and after; see
        :func:`~autovoice_core.report.write.write_report`.
    need
        What is asked of the backends; all three run on one device.
    memory_limit
        Bytes, or text such as ``"2 GB"``: what this process may hold in all, or of the GPU on a
        GPU. By default what the environment variable ``AUTOVOICE_MEMORY_LIMIT`` says, if
        anything. A report is not counted.
    progress
        Told the stage and the fraction done.
    **style
        How to sing it: attributes of :class:`~autovoice_core.Style`, e.g. ``key=-3``. Those not
        given are as the profile says. A key that is not a whole number of octaves moves the
        accompaniment along.

    Raises
    ------
    InputError
        The song can't be read or holds no singing, ``out`` is the song or can't be written, or
        the style asks for what the backend can't do.
    SelectionError
        No backend meets ``need``.
    StorageError
        There is no such voice.
    """
    source = AudioFile(song)
    profile = VoiceProfileStorage().get(voice) if isinstance(voice, str) else voice
    path = Path(out) if out is not None else _default_out(source.path, profile.name)
    refuse_overwriting(source, path, "give the result another name")
    names = () if stems is None else _VOCALS_ONLY_STEMS if vocals_only else STEMS
    stem_paths = [Path(stems or "") / f"{name}.flac" for name in names]
    for stem_path in stem_paths:
        refuse_overwriting(source, stem_path, "choose another folder for the stems")
    if report is not None:
        refuse_overwriting(source, Path(report), "give the report another name")
        if Path(report).resolve() in [each.resolve() for each in (path, *stem_paths)]:
            raise InputError(f"{report}: two files would have this name; choose another")
    need = need or Need()
    # One device for the whole chain; a voice alone needs nobody who separates.
    device = select("pitch", need).device if vocals_only else plan(need).device
    here = evolve(need, devices=(device,))
    converter = SingingVoiceConverter(need=here, memory_limit=memory_limit)
    asked = converter.style_for(profile, **style)
    skipped = {"separation": vocals_only, "report": report is None}
    shares = {stage: share for stage, share in _SHARES.items() if not skipped.get(stage)}
    timer = Stages(shares, progress)
    rate, channels, frames = source.sample_rate, source.channels, source.frames
    with ExitStack() as files:
        # Opened first, so that a place that can't be written is known before the work.
        if stems is not None:
            files.enter_context(made_folder(stems))
        writers = [AudioWriter(path, rate, channels, like=source, frames=frames)]
        writers += [AudioWriter(stem, rate, channels, frames=frames) for stem in stem_paths]
        page = None if report is None else files.enter_context(moved_into_place(report))
        files.enter_context(together(writers))
        folder = Path(files.enter_context(tempfile.TemporaryDirectory(prefix="autovoice-")))

        made_by: tuple[Provenance, ...] = ()
        extractor = SingingPitchExtractor(need=here, memory_limit=memory_limit)
        separator = VocalSeparator(need=here, memory_limit=memory_limit)
        for engine in (extractor, converter) if vocals_only else (separator, extractor, converter):
            engine.require_room(source)
        between = between_stages(source, folder, extractor if vocals_only else separator)
        vocals = between.song
        if not vocals_only:
            with timer.stage("separation") as told:
                parted = separator.separate_blocks(vocals, progress=told)
                vocals = between.keep("vocals", (block.vocals.samples for block in parted))
            made_by += (separator.chosen.provenance,)

        with timer.stage("pitch") as told:
            pitch = extractor.extract(vocals, progress=told)
        followed_by = extractor.chosen.provenance
        del extractor  # and with it what its network keeps
        voiced_s = float(pitch.voiced.sum()) * pitch.hop
        if voiced_s < _LEAST_VOICED_S:
            raise InputError(
                f"{source.path}: no singing was found in it ({voiced_s:.2f} s voiced); "
                "give a song with a voice"
            )
        asked = resolved(asked, profile, pitch)
        with timer.stage("conversion") as told:
            new_blocks = converter.convert_blocks(
                vocals, profile, pitch=pitch, progress=told, **asdict(asked)
            )
            converted = between.keep("converted", new_blocks)
        made_by += (followed_by, converter.chosen.provenance)

        with timer.stage("remix") as told:
            vocals_gain = matching_gain(loudness(vocals), loudness(converted))
            vocals, converted = between.fetched(vocals, converted)
            remix = Remix(
                source,
                vocals,
                converted,
                vocals_only=vocals_only,
                vocals_gain=vocals_gain,
                semitones=float(asked.key),
                folder=folder,
            )
            remix.write(writers[0], writers[1:], told)

        judged = None
        if report is not None and page is not None:
            with timer.stage("report") as told:
                sung_again = Scaled(converted, vocals_gain)
                judged = report_on(
                    Performance(vocals, pitch),
                    Performance(sung_again, SingingPitchExtractor(need=here).extract(sung_again)),
                    profile,
                    names=(str(source.path), str(path)),
                    made_by=made_by,
                    path=Path(report),
                    page=page,
                    style=asked,
                    progress=told,
                )
    if remix.mix_gain < 1:
        warnings.warn(
            f"{path}: the mix was turned down by {-_decibels(remix.mix_gain):.1f} dB "
            "to keep its peak under full scale",
            AutoVoiceWarning,
            stacklevel=2,
        )
    return ConvertedSong(
        path=path,
        voice=profile.name,
        key=float(asked.key),
        style=asked,
        pitch=pitch,
        made_by=made_by,
        vocals_gain_db=_decibels(vocals_gain),
        mix_gain_db=_decibels(remix.mix_gain),
        stems=tuple(stem_paths),
        seconds=timer.seconds,
        report=judged,
    )


def _default_out(song: Path, voice: str) -> Path:
    safe = "".join(c if c.isalnum() or c in " -_" else "_" for c in voice)
    return song.with_name(f"{song.stem}.{safe}{song.suffix}")


def _decibels(gain: float) -> float:
    return 20 * math.log10(gain)
