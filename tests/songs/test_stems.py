from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, InputError, VoiceProfile, convert_song
from autovoice_core.audio.reading import as_source
from autovoice_core.songs.stems import mix_stems, separated_vocals
from autovoice_core.testing import truth

RATE = 22_050


@pytest.fixture
def folder(tmp_path: Path, short_song: truth.Song) -> Path:
    """A folder of the song's true stems."""
    folder = tmp_path / "kept"
    folder.mkdir()
    short_song.stems.vocals.save(folder / "vocals.flac")
    short_song.stems.accompaniment.save(folder / "accompaniment.flac")
    return folder


def noise(seconds: float, level: float, seed: int, channels: int = 2) -> Audio:
    rng = np.random.default_rng(seed)
    samples = rng.uniform(-level, level, (channels, round(seconds * RATE)))
    return Audio(samples.astype(np.float32), RATE)


def test_kept_stems_give_what_separation_gave(
    song_file: Path, voice: VoiceProfile, tmp_path: Path
) -> None:
    stems = tmp_path / "stems"
    first = convert_song(song_file, voice, tmp_path / "first.wav", key=0, stems=stems)
    again = convert_song(song_file, voice, tmp_path / "again.wav", key=0, separated=stems)
    assert [made.operation for made in again.made_by] == ["pitch", "conversion"]
    assert "separation" in first.seconds
    assert "separation" not in again.seconds
    one, other = (Audio.load(tmp_path / name).numpy() for name in ("first.wav", "again.wav"))
    assert np.sum((one - other) ** 2) < 1e-4 * np.sum(one**2)


def test_vocals_of_another_program_are_taken_as_they_are(
    song_file: Path, folder: Path, short_song: truth.Song
) -> None:
    (folder / "accompaniment.flac").unlink()
    vocals = separated_vocals(as_source(song_file), folder)
    (block,) = vocals.blocks(vocals.frames)
    np.testing.assert_allclose(block, short_song.stems.vocals.numpy(), atol=1e-6)


def test_stems_that_were_turned_down_are_turned_up(
    song_file: Path, folder: Path, short_song: truth.Song
) -> None:
    for name in ("vocals", "accompaniment"):
        stem = getattr(short_song.stems, name)
        Audio(0.5 * stem.numpy(), stem.sample_rate).save(folder / f"{name}.flac")
    vocals = separated_vocals(as_source(song_file), folder)
    (block,) = vocals.blocks(vocals.frames)
    np.testing.assert_allclose(block, short_song.stems.vocals.numpy(), atol=1e-4)


def test_stems_of_another_song_are_refused(song_file: Path, folder: Path) -> None:
    song = as_source(song_file)
    noise(5, 0.3, 1).save(folder / "vocals.flac")
    with pytest.raises(InputError) as caught:
        separated_vocals(song, folder)
    assert str(caught.value) == (
        f"{folder}: its vocals and accompaniment don't add up to {song_file}; give the stems of "
        "this song, or a folder of vocals alone"
    )
    (folder / "accompaniment.flac").unlink()
    with pytest.raises(InputError) as caught:
        separated_vocals(song, folder)
    assert str(caught.value) == (
        f"{folder / 'vocals.flac'}: is not part of {song_file}; give the vocals of this song"
    )


@pytest.mark.parametrize(
    ("stem", "difference"),
    [
        (noise(4, 0.3, 1), f"has {4 * RATE} samples, {{song}} {5 * RATE}"),
        (noise(5, 0.3, 1, channels=1), "has 1 channels, {song} 2"),
        (Audio(noise(5, 0.3, 1).numpy(), 16_000), "has 16000 Hz, {song} 22050"),
    ],
)
def test_stems_of_another_shape_are_refused(
    song_file: Path, folder: Path, stem: Audio, difference: str
) -> None:
    stem.save(folder / "vocals.flac")
    with pytest.raises(InputError) as caught:
        separated_vocals(as_source(song_file), folder)
    assert str(caught.value) == (
        f"{folder / 'vocals.flac'}: {difference.format(song=song_file)}; give the stem of this song"
    )


def test_kept_stems_are_not_replaced_by_new_ones(song_file: Path, folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        separated_vocals(as_source(song_file), folder, folder)
    assert str(caught.value) == (
        f"{folder}: holds the stems to read; choose another folder for the new ones"
    )


def test_vocals_alone_have_no_stems_to_take(
    song_file: Path, folder: Path, voice: VoiceProfile, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        convert_song(song_file, voice, tmp_path / "out.wav", separated=folder, vocals_only=True)
    assert str(caught.value) == (
        "separated, vocals_only: vocals alone need no separation; give one of the two"
    )


def test_stems_are_mixed_at_the_volumes_asked_for(folder: Path, tmp_path: Path) -> None:
    parts = {name: noise(1, 0.1, seed) for seed, name in enumerate(("converted", "vocals"))}
    parts["accompaniment"] = noise(1, 0.1, 7)
    for name, part in parts.items():
        part.save(folder / f"{name}.flac")
    out = tmp_path / "mix.wav"
    result = mix_stems(folder, out, vocals_db=6, accompaniment_db=-6, original_db=-12)
    expected = sum(
        10 ** (gain / 20) * parts[name].numpy()
        for name, gain in (("converted", 6), ("accompaniment", -6), ("vocals", -12))
    )
    np.testing.assert_allclose(Audio.load(out).numpy(), expected, atol=1e-5)
    assert [path.stem for path in result.stems] == ["converted", "accompaniment", "vocals"]
    assert result.mix_gain_db == 0


def test_a_mix_that_is_too_loud_is_turned_down(folder: Path, tmp_path: Path) -> None:
    for name in ("converted", "accompaniment"):
        noise(1, 0.9, 3).save(folder / f"{name}.flac")
    result = mix_stems(folder, tmp_path / "mix.wav", vocals_db=6)
    assert result.mix_gain_db < -6
    assert np.abs(Audio.load(tmp_path / "mix.wav").numpy()).max() < 0.9


def test_the_accompaniment_follows_the_key(folder: Path, tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    tone = Audio(0.3 * np.sin(2 * np.pi * 440 * time, dtype=np.float32)[None], RATE)
    tone.save(folder / "accompaniment.flac")
    Audio(np.zeros_like(tone.numpy()), RATE).save(folder / "converted.flac")
    mix_stems(folder, tmp_path / "mix.wav", key=7)
    mixed = Audio.load(tmp_path / "mix.wav").numpy()[0]
    peak = np.abs(np.fft.rfft(mixed * np.hanning(len(mixed)))).argmax() / 2
    assert peak == pytest.approx(440 * 2 ** (7 / 12), abs=2)


def test_a_missing_stem_and_a_mix_over_a_stem_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        mix_stems(folder, tmp_path / "mix.wav")
    assert str(caught.value) == (
        f"{folder}: has no converted.flac, nor .wav or the like; give a folder of stems, as "
        "`autovoice convert --stems` writes it"
    )
    noise(5, 0.1, 3).save(folder / "converted.flac")
    for name in ("converted", "vocals"):
        with pytest.raises(InputError) as caught:
            mix_stems(folder, folder / f"{name}.flac")
        assert str(caught.value) == (
            f"{folder / name}.flac: is one of the stems; give the mix another name"
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vocals_db": 30}, "vocals_db: 30 dB is outside -100 to 24"),
        ({"accompaniment_db": -101}, "accompaniment_db: -101 dB is outside -100 to 24"),
        (
            {"original_db": float("nan")},
            "original_db: nan is not a finite number of dB; give for example -3",
        ),
        ({"key": "x"}, "key: 'x' is not a finite number of semitones; give for example 5"),
        ({"key": 25}, "key: 25 semitones are outside -24 to 24"),
    ],
)
def test_numbers_out_of_range_are_refused(
    folder: Path, tmp_path: Path, arguments: dict[str, float], message: str
) -> None:
    noise(5, 0.1, 3).save(folder / "converted.flac")
    with pytest.raises(InputError) as caught:
        mix_stems(folder, tmp_path / "mix.wav", **arguments)
    assert str(caught.value) == message
    assert not (tmp_path / "mix.wav").exists()
