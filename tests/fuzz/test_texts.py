"""Texts to sing and to say: any of them is words, or is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fuzzing import require_line
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core.cli._texts import read_lyrics
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.prompt import prompt_pieces

Fuzz = Callable[..., None]

_pieces = st.sampled_from(
    [
        *("twin-kle", "glo__-ri-a", "_", "-", "--", "~", "‿", "heav~en", "rock-'n'-roll", "\n"),
        *(" ", "\t", "\r", "\0", "\x1b[2J", "\u2028", "\u202e", "\ufeff", "e\u0301", "\ud800"),
        *("¿", "1984", "3/4", "«", "’", "-'n'-" * 500, "_" * 3000, "a-" * 3000, "~a" * 3000),
        *("x" * 9000, "مرحبا", "日本", "👩‍👩‍👧", ", ", "; " * 900),
    ]
)
_texts = st.lists(_pieces | st.text(max_size=8), max_size=8).map("".join)


def test_any_text_is_lyrics_or_is_refused_in_one_line(fuzz: Fuzz) -> None:
    def check(text: str) -> None:
        try:
            words = [word for line in parse_lyrics(text) for word in line]
        except InputError as error:
            require_line(error)
            return
        assert words
        assert all(word.text and min(word.extra_notes) >= 0 for word in words)

    fuzz(_texts, check, examples=300)


def test_pieces_of_any_text_are_all_of_it(fuzz: Fuzz) -> None:
    def check(text: str) -> None:
        pieces = [piece.text for piece in prompt_pieces([text])]
        assert "".join("".join(pieces).split()) == "".join(text.split())

    fuzz(_texts, check, examples=200)


def test_a_file_of_any_bytes_is_lyrics_or_is_refused_in_one_line(
    fuzz: Fuzz, tmp_path: Path
) -> None:
    path = tmp_path / "song.txt"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            assert isinstance(read_lyrics(str(path)), str)
        except InputError as error:
            require_line(error)

    fuzz(
        st.binary(max_size=40) | _texts.map(lambda text: text.encode("utf-16", "surrogatepass")),
        check,
        100,
    )


def test_any_argument_is_text_or_names_a_file(fuzz: Fuzz) -> None:
    def check(argument: str) -> None:
        try:
            assert isinstance(read_lyrics(argument), (str, Path))
        except InputError as error:
            require_line(error, f"{Path(argument)}: ")

    without_stdin = _texts.filter(lambda text: text != "-")
    fuzz(without_stdin | without_stdin.map("{}.txt".format), check, examples=200)
