"""Sound that libsndfile can't read, through the ffmpeg that the user has installed."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import IO, cast

from autovoice_core._errors import InputError
from autovoice_core._programs import find_program
from autovoice_core.audio.formats.kinds import HEAD_BYTES, media_kind, other_kind
from autovoice_core.audio.formats.layout import parts_of
from autovoice_core.audio.formats.part import open_part
from autovoice_core.audio.spooling import write_spool

PROGRAM = "ffmpeg"

_FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,avi,caf,dsf,dts,dtshd,eac3,flac,flv,iff,loas,matroska,"
    "mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nut,ogg,oma,qcp,rm,shn,sox,tak,truehd,tta,voc,w64,wav,webm,"
    "wtv,wv,xwma"
)
"""Formats that hold sound: no lists of other files, which could be anywhere."""

_CHUNK_BYTES = 1 << 20
_MAX_QUOTED_CHARACTERS = 200
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d\.\d+)")
_HARMLESS = ("chapter track not found",)
"""Messages that ffmpeg calls errors though all of the sound is there."""

_MAX_MISSING_SECONDS = 0.5


def decode(path: Path, copy: Path, name: str, reason: str) -> None:
    """Decode the sound track of the file at ``path`` to a WAV stream, the file ``copy``.

    ffmpeg is passed a list of arguments, opens no other file and no connection, and reads nothing
    from the terminal.

    Raises
    ------
    InputError
        There is no ffmpeg on the ``PATH``, or it can't read all of the file; the message says what
        the file is, calls it ``name``, and gives the ``reason`` of libsndfile.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    other, media = other_kind(head), media_kind(head)
    if other is not None:
        raise InputError(f"{name}: is {other}, not a sound file; give a recording")
    program = find_program(PROGRAM)
    if program is None and media is not None:
        raise InputError(
            f"{name}: {media} is read through ffmpeg, which is not on the PATH; install it, or "
            "convert the file to WAV or FLAC"
        )
    if program is None:
        raise InputError(
            f"{name}: not a sound file that can be read ({reason}); give a WAV, FLAC, OGG, MP3 or "
            "AIFF file, or install ffmpeg, which reads more"
        )
    log, code = _run(program, path, copy, name)
    fault = _fault(log, code, copy)
    if fault and media is None:
        raise InputError(
            f"{name}: not a sound file that can be read ({reason}; ffmpeg: {fault}); give a WAV, "
            "FLAC, OGG, MP3 or AIFF file"
        )
    if fault:
        raise InputError(
            f"{name}: ffmpeg can't read all of it ({fault}); get an intact copy, or convert it to "
            "WAV or FLAC"
        )


def _run(program: str, path: Path, copy: Path, name: str) -> tuple[str, int]:
    """Run ffmpeg; return what it says, and its exit code."""
    command = [
        program, "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info",
        "-protocol_whitelist", "file,pipe", "-format_whitelist", _FORMATS, "-i", f"file:{path}",
        "-vn", "-sn", "-dn", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as messages:
        try:
            process = subprocess.Popen(  # noqa: S603  # no shell, and every argument is ours
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=messages
            )
        except OSError as error:
            raise InputError(f"{program}: can't be run ({error.strerror}); repair it") from error
        with process, cast("IO[bytes]", process.stdout) as output:
            try:
                write_spool(iter(lambda: output.read(_CHUNK_BYTES), b""), copy, name)
            except BaseException:
                process.kill()
                raise
        messages.seek(0)
        log = messages.read().decode(errors="replace")
    return log, process.returncode


def _fault(log: str, code: int, copy: Path) -> str:
    """Return what kept ffmpeg from decoding the whole file; empty if nothing did."""
    if "does not contain any stream" in log:
        return "it holds no sound track"
    lines = [line for line in log.splitlines() if not any(text in line for text in _HARMLESS)]
    faults = [line for line in lines if "[error]" in line or "[fatal]" in line]
    if faults:
        text = re.sub(r"\[[^\]]*\] ?|file:.*: ", "", faults[-1]).strip().rstrip(".")
        return text[:_MAX_QUOTED_CHARACTERS].lower()
    if code or not copy.stat().st_size:
        return f"exit code {code}"
    stated = _DURATION.search(log)
    if stated is None or "Video:" in log or "Estimating duration" in log:
        return ""  # the sound of a video may be shorter
    hours, minutes, seconds = (float(value) for value in stated.groups())
    seconds += 60 * (60 * hours + minutes)
    (part,) = parts_of(copy, str(copy))
    with open_part(part) as file:
        decoded = file.frames / file.samplerate
    if decoded < seconds - _MAX_MISSING_SECONDS:
        return f"it ends after {decoded:.2f} s of {seconds:.2f} s"
    return ""
