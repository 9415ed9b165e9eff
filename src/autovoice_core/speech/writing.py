"""Speech and song written to a sound file; sentences to a stream, too, as soon as they are said."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
from attrs import frozen

from autovoice_core._provenance import Provenance
from autovoice_core._types import Audio
from autovoice_core.audio.atomic import check_output, existing_files
from autovoice_core.audio.decoded_peak import decoded_gain
from autovoice_core.audio.output_format import format_for
from autovoice_core.audio.output_stream import open_output_stream
from autovoice_core.audio.temporary import temporary_folder
from autovoice_core.audio.writing import AudioWriter

UNKNOWN_BYTES = 0xFFFFFFFF
"""Length that stands in the header of a WAV stream whose end is not known yet."""


@frozen
class WrittenSpeech:
    """What was written.

    Attributes
    ----------
    sentences, seconds
        How many sentences, or pieces of them, and how long they last together.
    made_by
        The operations that made them.
    replaced
        The file, if there was one before.
    """

    sentences: int
    seconds: float
    made_by: tuple[Provenance, ...]
    replaced: tuple[Path, ...]


def write_sentences(
    sentences: Iterator[Audio], path: Path, *, overwrite: bool = True, at_once: bool = False
) -> WrittenSpeech:
    """Write mono sentences of one sample rate to ``path``, whose suffix names the format.

    Memory does not grow with their number. The file appears when it is complete. With ``at_once``
    the path, a stream, gets 16-bit WAV without a length, each sentence as soon as it is said.

    Raises
    ------
    InputError
        The path can't be written or names no format.
    """
    check_output(path, overwrite=overwrite)
    format_for(path, None)
    replaced = existing_files(path)
    first = next(sentences)
    everything = chain((first,), sentences)
    if at_once:
        with closing(open_output_stream(path)) as file:
            count, frames = _write_wav(file, everything, first.sample_rate)
    else:
        count = frames = 0
        with AudioWriter(path, first.sample_rate, 1, overwrite=overwrite) as writer:
            for sentence in everything:
                writer.write(sentence.numpy())
                count, frames = count + 1, frames + sentence.frames
    return WrittenSpeech(count, frames / first.sample_rate, first.made_by, replaced)


def write_song(song: Audio, path: Path, *, overwrite: bool = True) -> None:
    """Write a song to ``path``, whose suffix names the format.

    In a lossy format it is turned down, if need be, so that what that decodes to has no true peak
    over :data:`~autovoice_core.audio.true_peak.MAX_TRUE_PEAK_DB`.

    Raises
    ------
    InputError
        The path can't be written or names no format.
    """
    samples, rate = song.numpy(), song.sample_rate
    writer = AudioWriter(path, rate, song.channels, frames=song.frames, overwrite=overwrite)
    with writer, temporary_folder() as folder:
        gain = decoded_gain(writer, lambda: (samples,), 1.0, folder)
        writer.write(samples if gain == 1 else samples * np.float32(gain))


def _write_wav(file: BinaryIO, sentences: Iterator[Audio], rate: int) -> tuple[int, int]:
    """Write a WAV stream; return the number of sentences and of frames."""
    form = struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16)
    file.write(struct.pack("<4sI4s4sI", b"RIFF", UNKNOWN_BYTES, b"WAVE", b"fmt ", len(form)))
    file.write(form + struct.pack("<4sI", b"data", UNKNOWN_BYTES))
    count = frames = 0
    for sentence in sentences:
        samples = np.clip(sentence.numpy()[0], -1.0, 1.0)
        file.write(np.rint(samples * 32767.0).astype("<i2").tobytes())
        file.flush()
        count, frames = count + 1, frames + sentence.frames
    return count, frames
