"""Small files of ours, which others may have written: notes of downloads, tokens, messages."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from fuzzing import require_line
from hypothesis import strategies as st
from model_server import pinned

from autovoice_core import InputError
from autovoice_core.batch.engines.local import _message
from autovoice_core.batch.work import Event, Outcome
from autovoice_core.models.download import _read_note, note_of
from autovoice_core.server.tokens import MAX_TOKEN_LENGTH, MIN_TOKEN_LENGTH, read_token

Fuzz = Callable[..., None]

_odd = st.sampled_from(
    [
        *(None, True, -1, 10**400, 1e308, "", '"v1"', "a\r\nX: y", "\0", "\ud800", "x" * 2000),
        *([], {}, {"": None}, "\x1b[2J", "\u202e", "é", "Ω"),
    ]
)
_junk = st.sampled_from([b"", b"null", b"[" * 40_000, b"9" * 5000, b"\xff", b"{", b"1e999"])


def _objects(names: list[str]) -> st.SearchStrategy[bytes]:
    """Return JSON of objects with any of those fields, junk, and any bytes."""
    fields = st.dictionaries(st.sampled_from([*names, "x"]), _odd | st.text(max_size=9))
    return fields.map(lambda each: json.dumps(each).encode()) | _junk | st.binary(max_size=30)


@pytest.mark.usefixtures("store")
def test_a_note_of_any_bytes_tells_what_a_header_may_hold_or_nothing(fuzz: Fuzz) -> None:
    weights = pinned()
    note = note_of(weights)
    note.parent.mkdir(parents=True)

    def check(content: bytes) -> None:
        note.write_bytes(content.replace(b'"URL"', json.dumps(weights.url).encode()))
        found = _read_note(weights)
        if found is not None:
            assert set(found) == {"validator"}
            assert re.fullmatch(r"[\x20-\x7e\xa0-\xff]*", found["validator"])

    ours = st.builds(
        lambda validator: json.dumps({"url": "URL", "validator": validator}).encode(),
        _odd | st.text(max_size=9),
    )
    fuzz(ours | _objects(["url", "validator"]), check, examples=150)


def test_a_token_of_any_bytes_can_be_sent_in_a_header_or_is_refused_in_one_line(
    fuzz: Fuzz, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    plain = st.text("aZ09._~+/=-", min_size=10, max_size=MAX_TOKEN_LENGTH + 9)
    around = st.sampled_from(["", " ", "\n", "\r\n", "\0", "\ufeff", "é"])

    def check(content: bytes) -> None:
        path.write_bytes(content)
        path.chmod(0o600)
        try:
            token = read_token(path)
        except InputError as error:
            require_line(error, f"{path}: ")
            return
        assert MIN_TOKEN_LENGTH <= len(token) <= MAX_TOKEN_LENGTH
        assert re.fullmatch(r"[\x21-\x7e]+", token)

    made = st.builds(lambda *parts: "".join(parts).encode(), around, plain, around)
    fuzz(made | st.binary(max_size=400), check, examples=150)


def test_a_line_of_any_bytes_is_a_message_of_a_worker_or_none(fuzz: Fuzz) -> None:
    names = [each.name for kind in (Event, Outcome) for each in attrs.fields(kind)]

    def check(content: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = _message(content.decode(errors="surrogateescape") + "\n")
        assert found is None or isinstance(found, Event | Outcome)

    fuzz(_objects(names), check, examples=150)
