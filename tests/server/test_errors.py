"""What the library raises, as answers."""

from __future__ import annotations

import json

import pytest

from autovoice_core import (
    AutoVoiceError,
    BackendError,
    ContractViolation,
    InputError,
    ModelError,
    NoBackend,
    StorageError,
    UnknownBackend,
)
from autovoice_core._errors import ArgumentError
from autovoice_core.server.errors import ApiError, api_error


@pytest.mark.parametrize(
    ("error", "status", "code", "field"),
    [
        (InputError("song: is empty"), 422, "invalid", None),
        (ArgumentError("key: 99 is too high"), 422, "invalid", "key"),
        (UnknownBackend("there is no cpu/x"), 422, "invalid", None),
        (NoBackend("all the reasons", "the first"), 503, "no_backend", None),
        (ModelError("the weights are missing"), 503, "model", None),
        (StorageError("the voices are busy"), 503, "storage", None),
        (BackendError("it failed"), 500, "failed", None),
        (ContractViolation("it lied"), 500, "failed", None),
    ],
)
def test_an_error_of_the_library_has_its_status(
    error: AutoVoiceError, status: int, code: str, field: str | None
) -> None:
    answer = api_error(error)
    assert (answer.status, answer.code, answer.field) == (status, code, field)
    assert answer.message == getattr(error, "summary", str(error))


def test_an_error_is_answered_in_the_one_form() -> None:
    error = ApiError(429, "queue_full", "try again", "kind", {"Retry-After": "5"})
    response = error.response()
    assert response.status_code == 429
    assert response.headers["retry-after"] == "5"
    assert response.headers["content-type"] == "application/json"
    assert json.loads(bytes(response.body)) == {
        "error": {"code": "queue_full", "message": "try again", "field": "kind"}
    }
    assert str(error) == "try again"


def test_what_a_client_sent_is_quoted_without_control_characters_and_not_at_length() -> None:
    body = json.loads(
        ApiError(422, "invalid", f"\x9b1m\ud800{'x' * 8996}", "\u202e").response().body
    )
    assert body["error"]["message"] == rf"\x9b1m\ud800{'x' * 1996}… (7,000 more characters)"
    assert body["error"]["field"] == r"\u202e"
