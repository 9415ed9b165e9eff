from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core.audio.true_peak import MAX_TRUE_PEAK_DB, true_peak
from autovoice_core.speech.writing import write_sentences, write_song
from autovoice_core.synthetic import truth

CEILING = 10 ** (MAX_TRUE_PEAK_DB / 20)


def sentences(count: int = 3) -> Iterator[Audio]:
    for number in range(count):
        yield Audio(np.full((1, 800), 0.1 * (number + 1), np.float32), 8000)


def test_sentences_follow_each_other_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "said.flac"
    written = write_sentences(sentences(), path)
    assert (written.sentences, written.seconds, written.replaced) == (3, 0.3, ())
    samples = Audio.load(path).numpy()[0]
    assert samples[::800] == pytest.approx([0.1, 0.2, 0.3], abs=1e-4)
    assert write_sentences(sentences(), path).replaced == (path,)


def test_a_sentence_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[Audio]:
        yield from sentences(1)
        raise InputError("text: no")

    with pytest.raises(InputError, match=r"^text: no$"):
        write_sentences(broken(), tmp_path / "said.wav")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".wav", ".mp3"])
def test_a_song_decodes_to_the_ceiling_at_most(
    tmp_path: Path, short_song: truth.Song, suffix: str
) -> None:
    samples = short_song.mixture.numpy()
    hot = samples * np.float32(CEILING / true_peak(samples))
    path = tmp_path / f"song{suffix}"
    write_song(Audio(hot, short_song.mixture.sample_rate), path)
    written = true_peak(Audio.load(path).numpy())
    assert 0.98 * CEILING < written < 1.0001 * CEILING


def test_nothing_is_said_for_a_file_that_can_t_be_written(tmp_path: Path) -> None:
    def unasked() -> Iterator[Audio]:
        pytest.fail("a sentence was asked for")
        yield from sentences()

    with pytest.raises(InputError, match=r"the suffix '\.xyz' is not a sound format"):
        write_sentences(unasked(), tmp_path / "said.xyz")
    with pytest.raises(InputError, match=r"said\.wav"):
        write_sentences(unasked(), tmp_path / "no" / "said.wav")


def test_a_stream_gets_each_sentence_as_soon_as_it_is_said(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    heard: list[int] = []

    def told() -> Iterator[Audio]:
        for sentence in sentences():
            heard.append(len(capfdbinary.readouterr().out))
            yield sentence

    write_sentences(told(), Path("/dev/stdout"), at_once=True)
    assert heard == [0, 44 + 1600, 1600]
