"""Conversion of a whole song: separate, track the pitch, convert, remix, report.

Audio between two stages is kept on disk or on the device, so that memory does not grow with the
length of the song.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import Unpack

from attrs import evolve

from autovoice_core._arguments import PathLike, as_flag, as_path
from autovoice_core._errors import ArgumentError, AutoVoiceWarning
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._style import StyleOptions
from autovoice_core.audio.reading import AudioFile, SoundInput, as_source_on_host
from autovoice_core.audio.source import AudioBuffer, Source
from autovoice_core.audio.stretch import stretch_processes
from autovoice_core.audio.true_peak import MAX_TRUE_PEAK_DB
from autovoice_core.audio.writing import MIN_TOLD_GAIN_DB
from autovoice_core.backends.choice.selection import plan, select
from autovoice_core.backends.need import Need, as_need
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.conversion.key import key_of
from autovoice_core.conversion.readers import using_reader_of
from autovoice_core.memory.limit import Amount
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs import steps
from autovoice_core.songs.converted_song import (
    CONVERSION_STEMS,
    VOCALS_ONLY_STEMS,
    ConvertedSong,
)
from autovoice_core.songs.intermediate import open_store
from autovoice_core.songs.outputs import (
    OutputPaths,
    conversion_paths,
    default_out,
    gain_to_db,
    open_outputs,
)
from autovoice_core.songs.stems import separated_vocals
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile

_SHARES = {"separation": 0.45, "pitch": 0.1, "conversion": 0.4, "remix": 0.05, "report": 0.5}


def convert_song(
    song: SoundInput,
    voice: VoiceProfile | str,
    out: PathLike | None = None,
    *,
    stems: PathLike | None = None,
    vocals_only: bool = False,
    separated: PathLike | None = None,
    report: PathLike | None = None,
    need: Need | None = None,
    memory_limit: Amount | None = None,
    threads: int | None = None,
    overwrite: bool = True,
    progress: StageProgress | None = None,
    **style: Unpack[StyleOptions],
) -> ConvertedSong:
    """Convert the vocals of ``song`` to ``voice``: a file to a file, or sound in memory to such.

    Rate, channels, length (to the sample) and format of the song are kept; another suffix of
    ``out`` chooses another format.

    Parameters
    ----------
    song
        A sound file of any length, 8 to 192 kHz, 1 to 8 channels; or :class:`Audio` (copied to the
        host if it lies on a device) or an opened file, whose mix and stems are kept in memory.
    voice
        A profile, or the name of one in the default :class:`VoiceProfileStorage`.
    out
        The file to write; by default ``<song>.<voice><suffix>`` in the song's folder, or none for
        a song in memory.
    stems
        A folder to write the stems to, as FLAC: the vocals, the accompaniment, the new vocals.
    vocals_only
        The file is a voice alone: nothing is separated or remixed.
    separated
        A folder that holds the song's vocals as ``vocals.flac`` or in another format: stems of
        before, or those of another program. They are taken as they are and not separated again.
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
    source, profile = as_source_on_host(song, "song"), as_profile("voice", voice)
    vocals_only = as_flag("vocals_only", vocals_only)
    path = None if out is None else as_path("out", out)
    if path is None and isinstance(source, AudioFile):
        path = default_out(source, profile.name)
    kept = None if separated is None else separated_vocals(source, separated, stems)
    if vocals_only and kept is not None:
        raise ArgumentError(
            "separated, vocals_only: vocals alone need no separation; give one of the two"
        )
    names = VOCALS_ONLY_STEMS if vocals_only else CONVERSION_STEMS
    paths = conversion_paths(source, path, stems, names, report, overwrite=overwrite)
    buffers = _buffers(source, paths, len(names))
    separates = not vocals_only and kept is None
    need = as_need(need)
    with using_reader_of(profile, need, None):
        need = _on_one_device(need, separates=separates)
    converter = SingingVoiceConverter(need=need, memory_limit=memory_limit, threads=threads)
    converter = converter.for_voice(profile)
    requested = converter.style_for(profile, **style)
    stages = Stages(_shares(separates=separates, report=report is not None), progress)
    spare = converter.spare_threads
    job = steps.ConversionJob(source, profile, requested, vocals_only, need, paths, stages, spare)
    with (
        open_outputs(source, paths, buffers) as outputs,
        stretch_processes(spare // 2 if requested.key != 0 else 0),
    ):
        separator = (
            VocalSeparator(need=need, memory_limit=memory_limit, threads=threads)
            if separates
            else None
        )
        extractor = SingingPitchExtractor(need=need, memory_limit=memory_limit)
        engines = [each for each in (separator, extractor, converter) if each is not None]
        for engine in engines:
            engine.check_memory_limit(source)
        store = open_store(source, outputs.scratch, engines[0])
        made_by = tuple(engine.chosen.provenance for engine in engines)

        vocals = steps.separate(job, separator, store, kept)
        pitch = steps.follow_pitch(job, extractor, vocals)
        del engines, extractor  # and with them what a network of its backend holds
        key = key_of(job.style, profile, pitch, from_voice="key" not in style)
        job = evolve(job, style=evolve(job.style, key=float(key.semitones)))
        with (
            steps.beside(job, vocals, partial(steps.shift_accompaniment, job, outputs)) as shifted,
            steps.beside(job, vocals, partial(steps.tell_sung, job, pitch)) as told_sung,
        ):
            converted = steps.convert(job, converter, store, vocals, pitch)
            mix = steps.remix(job, outputs, store, vocals, converted, shifted)
            sung = told_sung(mix.vocals)
        judged = steps.write_report(job, outputs, mix, pitch, sung, made_by)
    if gain_to_db(mix.gain) <= -MIN_TOLD_GAIN_DB:
        warnings.warn(
            f"{path or 'mix'}: turned down by {-gain_to_db(mix.gain):.1f} dB "
            f"to keep its true peak at {MAX_TRUE_PEAK_DB:g} dBTP",
            AutoVoiceWarning,
            stacklevel=2,
        )
    for message in filter(None, (key.warning, sung.warning(source.name))):
        warnings.warn(message, AutoVoiceWarning, stacklevel=2)
    in_memory = tuple(buffer.audio(made_by) for buffer in buffers)
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
        stems=paths.stems or in_memory[1:],
        seconds=stages.seconds,
        report=judged,
        replaced=outputs.replaced,
        mix=in_memory[0] if in_memory else None,
    )


def _buffers(source: Source, paths: OutputPaths, stems: int) -> list[AudioBuffer]:
    """Return buffers for the mix and the ``stems`` for which ``paths`` name no file."""
    count = 0 if paths.mix is not None else 1 if paths.stems else 1 + stems
    shape = source.sample_rate, source.channels, source.frames
    return [AudioBuffer(*shape) for _ in range(count)]


def _on_one_device(need: Need, *, separates: bool) -> Need:
    """Return ``need`` on the device that serves the whole job, separation included or not."""
    device = plan(need).device if separates else select("pitch", need).device
    return evolve(need, devices=(device,))


def _shares(*, separates: bool, report: bool) -> dict[str, float]:
    """Return the share of the time that each stage takes, by its name."""
    skipped = {"separation": not separates, "report": not report}
    return {stage: share for stage, share in _SHARES.items() if not skipped.get(stage)}
