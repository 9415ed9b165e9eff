"""Sessions of browsers."""

from __future__ import annotations

import time

import pytest

from autovoice_core.server import sign_ins
from autovoice_core.server.sign_ins import MAX_SIGN_INS, SignIns


def test_a_session_holds_until_it_is_ended() -> None:
    kept = SignIns()
    one, other = kept.begin(), kept.begin()
    assert one != other
    assert kept.holds(one)
    kept.end(one)
    kept.end("never begun")
    assert not kept.holds(one)
    assert kept.holds(other)


@pytest.mark.parametrize("secret", ["", "guess", "\udc80"])
def test_a_guess_is_no_session(secret: str) -> None:
    kept = SignIns()
    kept.begin()
    assert not kept.holds(secret)


def test_sessions_are_bounded_and_the_oldest_goes() -> None:
    kept = SignIns()
    secrets = [kept.begin() for _ in range(MAX_SIGN_INS + 1)]
    assert [kept.holds(secret) for secret in secrets] == [False] + [True] * MAX_SIGN_INS


def test_a_session_ends_after_a_week(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = SignIns()
    secret = kept.begin()
    later = time.monotonic() + sign_ins.SIGN_IN_SECONDS + 1
    monkeypatch.setattr(sign_ins.time, "monotonic", lambda: later)
    assert not kept.holds(secret)
