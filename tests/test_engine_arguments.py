"""Wrong values for every argument of the engines and songs: each refusal names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from wrong_arguments import RATE, SUNG, TRACK, VALUES, cases, check, few_examples

from autovoice_core import (
    SingingPitchExtractor,
    SingingVoiceConverter,
    VocalSeparator,
    VoiceProfile,
    compute_metrics,
)

EXTRACTOR, SEPARATOR = SingingPitchExtractor(), VocalSeparator()
CONVERTER = SingingVoiceConverter()


def convert_blocks(vocals: Any, voice: Any, pitch: Any, progress: Any = None) -> None:
    """Convert block by block, to the end."""
    list(CONVERTER.convert_blocks(vocals, voice, pitch=pitch, progress=progress))


def separate_blocks(audio: Any, progress: Any = None) -> None:
    """Separate block by block, to the end."""
    list(SEPARATOR.separate_blocks(audio, progress=progress))


def feed(block: Any) -> None:
    """Feed a new stream."""
    EXTRACTOR.stream(RATE).feed(block)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("function", "valid", "name"),
    [
        *cases(EXTRACTOR.extract, {"audio": SUNG}),
        *cases(EXTRACTOR.extract_batch, {"samples": SUNG.samples, "sample_rate": RATE}),
        *cases(EXTRACTOR.stream, {"sample_rate": RATE}),
        *cases(feed, {}),
        *cases(SEPARATOR.separate, {"audio": SUNG}),
        *cases(separate_blocks, {"audio": SUNG}),
        *cases(CONVERTER.convert, {"vocals": SUNG, "pitch": TRACK, "voice": ...}),
        *cases(convert_blocks, {"vocals": SUNG, "pitch": TRACK, "voice": ...}),
        *cases(CONVERTER.stream, {"voice": ..., "sample_rate": RATE, "key": 0}, "seed"),
        *cases(compute_metrics, {"reference": SUNG, "estimate": SUNG}),
    ],
)
@given(value=VALUES)
@few_examples(15)
def test_a_wrong_argument_is_named(
    voice: VoiceProfile,
    function: Callable[..., Any],
    valid: Mapping[str, Any],
    name: str,
    value: Any,
) -> None:
    right = {key: voice if given is ... else given for key, given in valid.items()}
    check(function, {**right, name: value}, name)
