"""``convert_songs``, ``separate_songs`` and ``track_songs``: one operation on many songs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Unpack, cast

from attrs import asdict

from autovoice_core._arguments import PathLike, as_flag, as_text
from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._style import STYLE_NAMES, Style, StyleOptions, with_options
from autovoice_core.audio.output_format import format_for
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.batch.result import BatchOptions, BatchResult
from autovoice_core.batch.run import run_batch
from autovoice_core.batch.songs import Song
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.pitch.files import check_format
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage

Songs = PathLike | Iterable[PathLike]
"""A folder, a pattern, a list, a file, or several of them; see :func:`convert_songs`."""

_BATCH = frozenset(BatchOptions.__annotations__)


class ConversionOptions(StyleOptions, BatchOptions, total=False):
    """Options of :func:`~autovoice_core.convert_songs`: of every batch, and of the style."""


def convert_songs(
    songs: Songs,
    voice: VoiceProfile | str | None,
    out: PathLike,
    *,
    suffix: str | None = None,
    vocals_only: bool = False,
    stems: bool = False,
    report: bool = False,
    voices: VoiceProfileStorage | None = None,
    **options: Unpack[ConversionOptions],
) -> BatchResult:
    """Convert many songs to ``voice``, each as :func:`~autovoice_core.convert_song` does.

    Each has the place below ``out`` that it has below its folder. A song is done if the manifest
    in ``out`` says so of its content and of these settings, and its results are there: a batch
    that was stopped goes on where it was, and one with other settings does what these change.
    Songs that can't be converted cost nothing but themselves.

    Parameters
    ----------
    songs
        A folder, of which all sound files at any depth are taken, but for hidden ones and those in
        ``out``; a pattern such as ``"albums/**/*.flac"``; a sound file; a list, which is a file of
        a path a line (``.txt``, ``.m3u``, ``.m3u8``), or of an object of JSON a line (``.jsonl``)
        with the keys ``song`` and, if need be, ``out`` (its place), ``voice`` and style options;
        or several of them.
    voice
        A profile, or the name of one in the default storage; None where a list names the voice of
        each song.
    out
        The folder of results and of the manifest, made if need be.
    suffix
        Format of the results, e.g. ``"flac"``; by default that of each song.
    vocals_only
        The files are voices alone: nothing is separated or remixed.
    stems
        Whether the stems are written too, to a folder ``<song>.stems`` each.
    report
        Whether a page about each conversion is written too, ``<song>.html``.
    voices
        Where voices are that are given by name; by default the default storage.
    **options
        Attributes of :class:`~autovoice_core.Style`, and those of
        :class:`~autovoice_core.batch.result.BatchOptions`.

    Raises
    ------
    InputError
        There are no songs, or an argument or the folder can't be used.
    SelectionError
        No backend of this machine meets the need.
    StorageError
        There is no such voice.
    """
    task = {
        "suffix": None if suffix is None else _sound_suffix(suffix),
        "vocals_only": as_flag("vocals_only", vocals_only),
        "stems": as_flag("stems", stems),
        "report": as_flag("report", report),
    }
    style = {name: value for name, value in options.items() if name in STYLE_NAMES}
    others = {name: value for name, value in options.items() if name not in STYLE_NAMES}
    batch = cast("BatchOptions", others)
    checked = asdict(with_options(Style(), style))
    style = {name: checked[name] for name in style}
    _refuse_unknown("convert_songs", batch)
    storage = VoiceProfileStorage() if voices is None else voices
    if isinstance(voice, str):
        voice = storage.get(voice)
    profile = None if voice is None else as_profile("voice", voice)

    def voice_of(song: Song) -> VoiceProfile:
        found = profile if song.voice is None else storage.get(song.voice)
        if found is None:
            raise ArgumentError(
                f"voice: none is named for {song.path}; give one, or name it in the list of songs"
            )
        return found

    def check(need: Need) -> None:
        if not vocals_only:
            select("separation", need)
        select("pitch", need)
        if profile is not None:
            SingingVoiceConverter(need=need).for_voice(profile)

    return run_batch("convert", songs, out, task | style, voice_of, check, **batch)


def separate_songs(
    songs: Songs, out: PathLike, *, suffix: str = "flac", **options: Unpack[BatchOptions]
) -> BatchResult:
    """Separate many songs, each into a folder of its name below ``out``.

    See :func:`convert_songs` for ``songs``, ``out`` and how a batch is resumed.

    Parameters
    ----------
    suffix
        Format of the stems.

    Raises
    ------
    InputError
        There are no songs, or an argument or the folder can't be used.
    SelectionError
        No backend of this machine meets the need.
    """
    _refuse_unknown("separate_songs", options)
    task = {"suffix": _sound_suffix(suffix)}

    def check(need: Need) -> None:
        select("separation", need)

    return run_batch("separate", songs, out, task, lambda _: None, check, **options)


def track_songs(
    songs: Songs, out: PathLike, *, suffix: str = "csv", **options: Unpack[BatchOptions]
) -> BatchResult:
    """Track the pitch of many voices, each into a file of its name below ``out``.

    See :func:`convert_songs` for ``songs``, ``out`` and how a batch is resumed.

    Parameters
    ----------
    suffix
        Format of the tracks, as of :meth:`~autovoice_core.PitchTrack.save`.

    Raises
    ------
    InputError
        There are no songs, or an argument or the folder can't be used.
    SelectionError
        No backend of this machine meets the need.
    """
    _refuse_unknown("track_songs", options)
    suffix = _with_dot(suffix, "csv")
    _check_suffix(suffix, check_format)

    def check(need: Need) -> None:
        SingingPitchExtractor(need=need).chosen  # noqa: B018  # it is chosen on first use

    return run_batch("pitch", songs, out, {"suffix": suffix}, lambda _: None, check, **options)


def _refuse_unknown(function: str, options: Mapping[str, object]) -> None:
    for name in options:
        if name not in _BATCH:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")


def _with_dot(suffix: str, example: str) -> str:
    return f".{as_text('suffix', suffix, example=example).lstrip('.').lower()}"


def _sound_suffix(suffix: str) -> str:
    """Return the suffix of a sound format that can be written, with its dot."""
    suffix = _with_dot(suffix, "flac")
    _check_suffix(suffix, lambda path: format_for(path, None))
    return suffix


def _check_suffix(suffix: str, check: Callable[[Path], object]) -> None:
    """Have the name of a file checked, and what is wrong with it told of the argument."""
    name = f"song{suffix}"
    try:
        check(Path(name))
    except InputError as error:
        raise ArgumentError(f"suffix: {str(error).removeprefix(f'{name}: ')}") from error
