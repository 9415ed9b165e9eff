"""The steps of a song's conversion: separate, track the pitch, convert, remix, report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from attrs import asdict, frozen

from autovoice_core._errors import InputError
from autovoice_core._progress import Stages
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._threads import allowed_threads, in_background, map_in_order
from autovoice_core._types import PitchTrack
from autovoice_core.audio.loudness import loudness, loudness_gain
from autovoice_core.audio.pitch_shift import accompaniment_shift, pitch_shift
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import Difference, Scaled, Source, WhileWanted
from autovoice_core.backends.need import Need
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.conversion.singing import lack_of_singing
from autovoice_core.metrics.perceptual import Vocals
from autovoice_core.metrics.sung_share import SungShare, sung_share
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.report import Report, report_on
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs.balance import balanced
from autovoice_core.songs.intermediate import Store
from autovoice_core.songs.outputs import OutputPaths, Outputs
from autovoice_core.songs.remix import Remix
from autovoice_core.voices.profile import VoiceProfile

Result = TypeVar("Result")


@frozen(eq=False)
class ConversionJob:
    """What was requested of a conversion, checked."""

    source: Source
    voice: VoiceProfile
    style: Style
    vocals_only: bool
    need: Need
    paths: OutputPaths
    stages: Stages
    spare_threads: int


@frozen(eq=False)
class Mix:
    """A mix that was written.

    Attributes
    ----------
    vocals, converted
        The old and the new vocals, on the host; the new ones at their own loudness.
    vocals_gain, gain
        Factors applied to the new vocals and to the whole mix.
    """

    vocals: Source
    converted: Source
    vocals_gain: float
    gain: float


def separate(
    job: ConversionJob, separator: VocalSeparator | None, store: Store, kept: Source | None
) -> Source:
    """Return the vocals of the song: separated, kept from before, or the song itself."""
    if kept is not None:
        return store.bring(kept)
    if separator is None:
        return store.song
    with job.stages.stage("separation") as progress:
        stems = separator.separate_blocks(store.song, progress=progress)
        return store.put("vocals", (block.vocals.samples for block in stems))


def follow_pitch(
    job: ConversionJob, extractor: SingingPitchExtractor, vocals: Source
) -> PitchTrack:
    """Return the pitch of the vocals.

    Raises
    ------
    InputError
        Hardly anything is voiced.
    """
    with job.stages.stage("pitch") as progress, allowed_threads(job.spare_threads):
        mixture = None if job.vocals_only else job.source
        pitch = extractor.extract(vocals, mixture=mixture, progress=progress)
    if lack := lack_of_singing(job.source, pitch):
        raise InputError(f"{job.source.name}: {lack}")
    return pitch


def convert(
    job: ConversionJob,
    converter: SingingVoiceConverter,
    store: Store,
    vocals: Source,
    pitch: PitchTrack,
) -> Source:
    """Return the vocals in the new voice."""
    with job.stages.stage("conversion") as progress:
        blocks = converter.convert_blocks(
            vocals, job.voice, pitch=pitch, progress=progress, **asdict(job.style)
        )
        return store.put("converted", blocks)


@contextmanager
def beside(
    job: ConversionJob, vocals: Source, work: Callable[[Source], Result]
) -> Iterator[Callable[[Source], Result]]:
    """Do ``work(vocals)`` beside what is inside, if there are threads to spare; else when asked.

    Yields what returns its result, given the vocals on the host.
    """
    if job.spare_threads == 1:
        yield work
    else:
        with in_background(lambda wanted: work(WhileWanted(vocals, wanted))) as result:
            yield lambda _: result()


def shift_accompaniment(job: ConversionJob, outputs: Outputs, vocals: Source) -> Source | None:
    """Return the song without its vocals, in the key of the new ones; none of a voice alone."""
    if job.vocals_only:
        return None
    accompaniment = Difference(job.source, vocals)
    semitones = accompaniment_shift(float(job.style.key))
    if semitones == 0:
        return accompaniment
    blocks = pitch_shift(accompaniment, semitones, threads=job.spare_threads)
    return write_scratch(outputs.scratch / "accompaniment", job.source, blocks)


def tell_sung(job: ConversionJob, pitch: PitchTrack, vocals: Source) -> SungShare:
    """Return how much of the vocals is converted."""
    song = vocals if job.vocals_only else job.source
    return sung_share(song, vocals, pitch, key=float(job.style.key))


def remix(
    job: ConversionJob,
    outputs: Outputs,
    store: Store,
    vocals: Source,
    converted: Source,
    shifted: Callable[[Source], Source | None],
) -> Mix:
    """Write the mix and the stems; ``shifted`` does :func:`shift_accompaniment`."""
    with job.stages.stage("remix") as progress:
        levels = map_in_order(loudness, (vocals, converted), job.spare_threads)
        vocals_gain = loudness_gain(*levels)
        vocals, converted = store.to_host(vocals, converted)
        accompaniment = shifted(vocals)
        if accompaniment is not None:
            converted, accompaniment = balanced(
                job.source,
                vocals,
                converted,
                accompaniment,
                vocals_gain=vocals_gain,
                folder=outputs.scratch,
            )
        remix = Remix(
            vocals,
            converted,
            None if job.vocals_only else Difference(job.source, vocals),
            accompaniment,
            vocals_gain=vocals_gain,
            folder=outputs.scratch,
            threads=job.spare_threads,
        )
        gain = remix.write(outputs.writers, progress)
    return Mix(vocals, converted, vocals_gain, gain)


def write_report(
    job: ConversionJob,
    outputs: Outputs,
    mix: Mix,
    pitch: PitchTrack,
    sung: SungShare,
    made_by: tuple[Provenance, ...],
) -> Report | None:
    """Write the report on the vocals before and after, if one was requested."""
    if job.paths.report is None or outputs.report is None:
        return None
    with job.stages.stage("report") as progress:
        result = Scaled(mix.converted, mix.vocals_gain)
        return report_on(
            Vocals(mix.vocals, pitch),
            Vocals(result, SingingPitchExtractor(need=job.need).extract(result)),
            job.voice,
            names=(job.source.name, str(job.paths.mix or "the mix")),
            made_by=made_by,
            path=job.paths.report,
            page=outputs.report,
            style=job.style,
            sung=sung,
            progress=progress,
        )
