"""Settings, environment variables and decisions on plugins of any text: taken or refused."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from fuzzing import require_line
from hypothesis import strategies as st

from autovoice_core import AutoVoiceError, InputError, plan
from autovoice_core._threads import thread_count
from autovoice_core.backends import catalogue, setting
from autovoice_core.backends.choice.given_settings import parse_settings, settings_for
from autovoice_core.backends.choice.named_backends import find_named
from autovoice_core.backends.offer import OPERATIONS
from autovoice_core.backends.plugins.decisions import FILE, read_decisions
from autovoice_core.backends.plugins.registry import refresh
from autovoice_core.backends.settings import configured
from autovoice_core.memory.limit import MemoryLimit

Fuzz = Callable[..., None]

_odd = st.sampled_from(
    [
        *("", " ", ",", "=", ".", "all", "ALL", "cpu", "cpu/nccf", "reference/nccf", "none", "-1"),
        *("0", "1", "2 GB", "2GB", "9" * 400 + "GB", ".GB", "1e5 MB", "nan", "inf", "true", "١ GB"),
        *("\x1b[2J", "\u202e", "\u2028", "\udcff", "a\nb", "x" * 5000, "../x", "~nobody/x", "1_0"),
        *("pitch.", ".x", "pitch.rate", "pitch.rate=", "pitch.rate=5", "=pitch.rate", "a.b.c=d"),
        *("pitch.rate=nan", "pitch.kind=b", "pitch.on=TRUE", "pitch.rate=1e999", "rate=1"),
    ]
)
# What the system can't hold in a variable is nothing that a user could have written.
_plain = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=9)
_texts = st.lists(_odd | _plain, max_size=3).map(",".join)
VARIABLES = [
    *("AUTOVOICE_MEMORY_LIMIT", "AUTOVOICE_THREADS", "AUTOVOICE_PLUGINS", "AUTOVOICE_BLOCK"),
    *("AUTOVOICE_SETTINGS", "AUTOVOICE_STRICT", "AUTOVOICE_OFFLINE", "AUTOVOICE_PITCH"),
    *("AUTOVOICE_SEPARATION", "AUTOVOICE_CONVERSION", "AUTOVOICE_SPEECH", "AUTOVOICE_HOME"),
]
_environments = st.dictionaries(st.sampled_from(VARIABLES), _texts, min_size=1, max_size=3)


@attrs.frozen
class Declared:
    """The settings of a backend: one of each type."""

    rate: int = setting(5, help="a number", low=1, high=9)
    share: float = setting(0.5, help="a share", low=0.0, high=1.0)
    on: bool = setting(True, help="a switch")
    kind: str = setting("a", help="a choice", choices=("a", "b"))


def test_settings_of_any_text_are_taken_or_refused_in_one_line(fuzz: Fuzz) -> None:
    names = st.sampled_from(["rate", "share", "on", "kind", "unheard_of"])
    texts = st.builds("pitch.{}={}".format, names, _odd | _plain) | _odd | _plain

    def check(given: list[str]) -> None:
        try:
            found = parse_settings(given, "--set")
            made = configured(Declared, found.get("pitch", {}), "test/pitch")
        except InputError as error:
            require_line(error)
            return
        assert 1 <= made.rate <= 9
        assert 0 <= made.share <= 1
        assert made.on in (True, False)
        assert made.kind in ("a", "b")

    fuzz(st.lists(texts, max_size=3), check, examples=200)


def test_environments_of_any_text_are_taken_or_refused_in_one_line(
    fuzz: Fuzz, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(environment: dict[str, str]) -> None:
        with monkeypatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, value in environment.items():
                patch.setenv(name, value)
            refresh()
            uses: list[Callable[[], object]] = [
                lambda: thread_count(None),
                lambda: MemoryLimit.from_argument(None),
                lambda: [settings_for(operation, {}) for operation in OPERATIONS],
                lambda: [find_named(operation, None) for operation in OPERATIONS],
                catalogue,
                plan,
            ]
            for use in uses:
                try:
                    use()
                except AutoVoiceError as error:
                    require_line(type(error)(getattr(error, "summary", str(error))))

    try:
        fuzz(_environments, check, examples=60)
    finally:
        refresh()


def test_decisions_of_any_bytes_are_read_or_refused_in_one_line(
    fuzz: Fuzz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", os.fspath(tmp_path))
    names = st.lists(st.text(max_size=9) | st.none() | st.integers(), max_size=3) | st.none()
    documents = st.dictionaries(st.sampled_from(["enabled", "disabled", "x"]), names)
    junk = st.sampled_from([b"", b"[" * 40_000, b"null", b"9" * 5000, b"\xff", b'{"enabled": {}}'])
    contents = st.binary(max_size=30) | junk | documents.map(lambda each: json.dumps(each).encode())

    def check(content: bytes) -> None:
        (tmp_path / FILE).write_bytes(content)
        try:
            decisions = read_decisions()
        except InputError as error:
            require_line(error, f"{tmp_path / FILE}: ")
            return
        assert all(isinstance(name, str) for name in decisions.enabled | decisions.disabled)

    fuzz(contents, check, examples=150)
