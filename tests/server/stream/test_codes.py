from __future__ import annotations

import re

import pytest
from song_fixtures import ROOT

from autovoice_core import BackendError, InputError, StorageError
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal, refusing


def test_the_documentation_has_every_code_with_its_name() -> None:
    text = (ROOT / "docs" / "server-stream.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{4}) \| `(\w+)` \|", text, flags=re.MULTILINE)
    assert {int(code): name for code, name in rows} == {
        int(code): code.name.lower() for code in CloseCode
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageError("a"), CloseCode.VOICE_UNKNOWN),
        (InputError("a"), CloseCode.INVALID_OPTION),
        (BackendError("a"), CloseCode.FAILED),
    ],
)
def test_errors_of_the_library_become_refusals(error: Exception, code: CloseCode) -> None:
    with pytest.raises(StreamRefusal) as refusal, refusing():
        raise error
    assert (refusal.value.code, refusal.value.message) == (code, "a")


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(ZeroDivisionError), refusing():
        raise ZeroDivisionError
