from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest
from guard_helpers import (
    BROKE,
    RATE,
    VOICE,
    WHO,
    Anything,
    converter,
    estimator,
    halves,
    provenance,
    refusal,
    separator,
    sound,
    track,
)

from autovoice_core import (
    Audio,
    AutoVoiceError,
    BackendError,
    ContractViolation,
    DeviceMismatch,
    InputError,
    StorageError,
)
from autovoice_core.backends.guards import guard


def test_context_grid_and_features_are_passed_on() -> None:
    guarded = converter(None)
    assert (guarded.context, guarded.grid(RATE), guarded.feature_id) == (
        0.5,
        160,
        "guard_helpers/mine/1",
    )
    assert guarded.provenance == provenance("conversion")


@pytest.mark.parametrize(
    ("operation", "attribute", "value", "fault"),
    [
        ("separation", "context", -1.0, "context is -1.0, not a number of seconds"),
        ("pitch", "context", None, "context is None, not a number of seconds"),
        ("pitch", "context", np.inf, "context is inf, not a number of seconds"),
        ("pitch", "context", 10**400, f"context is {10**400}, not a number of seconds"),
        ("conversion", "feature_id", "", "feature_id is '', not a name such as 'mine/1'"),
        ("conversion", "feature_id", 3, "feature_id is 3, not a name such as 'mine/1'"),
        ("separation", "separate", None, "Anything has no method separate()"),
        ("pitch", "estimate", None, "Anything has no method estimate()"),
        ("conversion", "learn", None, "Anything has no method learn()"),
    ],
)
def test_a_missing_part_is_told_when_it_is_opened(
    operation: str, attribute: str, value: Any, fault: str
) -> None:
    inner = Anything()
    setattr(inner, attribute, value)
    assert refusal(ContractViolation, lambda: guard(inner, provenance(operation))) == BROKE + fault


@pytest.mark.parametrize("grid", [0, 1.5, None])
def test_a_grid_is_a_count_of_samples(grid: Any) -> None:
    guarded = estimator(None)
    guarded.inner.grid = lambda rate: grid
    assert refusal(ContractViolation, lambda: guarded.grid(RATE)) == (
        BROKE + f"grid(16000) returned {grid!r}, not a count of samples"
    )


def test_a_failure_says_where_and_keeps_its_cause() -> None:
    cause = ZeroDivisionError("division by zero")
    with pytest.raises(BackendError) as caught:
        separator(cause).separate(sound())
    assert str(caught.value) == (f"{WHO} failed at separation: ZeroDivisionError: division by zero")
    assert caught.value.__cause__ is cause
    assert caught.value.provenance == provenance("separation")


def test_running_out_of_memory_has_a_remedy() -> None:
    assert refusal(BackendError, lambda: separator(MemoryError()).separate(sound())) == (
        f"{WHO} failed at separation: MemoryError; free memory or use another device"
    )


@pytest.mark.parametrize(
    "error", [InputError("fmin: too low"), StorageError("gone"), ContractViolation("inner")]
)
def test_our_own_errors_pass(error: AutoVoiceError) -> None:
    with pytest.raises(AutoVoiceError) as caught:
        separator(error).separate(sound())
    assert caught.value is error


def test_an_interrupt_by_the_user_passes() -> None:
    def interrupted(mixture: Audio) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        separator(interrupted).separate(sound())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_backend_can_not_end_the_program(ending: type[BaseException]) -> None:
    assert refusal(BackendError, lambda: separator(ending(3)).separate(sound())) == (
        f"{WHO} failed at separation: {ending.__name__}: 3"
    )


def test_an_interrupt_that_can_not_be_known_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda number: None)  # as of a handler in C
    with pytest.raises(KeyboardInterrupt):
        separator(KeyboardInterrupt()).separate(sound())


def test_a_result_whose_class_raises_is_the_backends_failure() -> None:
    class Shapeless:  # pytest trips over one in a module
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            raise ZeroDivisionError("no class")

    assert refusal(
        BackendError, lambda: separator(lambda mixture: Shapeless()).separate(sound())
    ) == (f"{WHO} failed at separation: ZeroDivisionError: no class")


def test_an_error_without_words_is_the_backends_failure() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise OSError("no words")

    assert refusal(BackendError, lambda: separator(Mute()).separate(sound())) == (
        f"{WHO} failed at separation: {__name__}.{Mute.__qualname__}: <exception str() failed>"
    )


def test_a_handler_of_signals_can_end_the_program() -> None:
    def leave(number: int, frame: Any) -> None:
        raise SystemExit(4)

    def stop(mixture: Audio) -> None:
        signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        with pytest.raises(SystemExit, match="4"):
            separator(stop).separate(sound())
    finally:
        signal.signal(signal.SIGTERM, before)


def test_an_attribute_that_raises_is_the_backends_failure() -> None:
    class Odd(Anything):
        @property
        def context(self) -> float:
            raise OSError("no such device")

    assert refusal(BackendError, lambda: guard(Odd(), provenance("separation"))) == (
        f"{WHO} failed at separation: OSError: no such device"
    )


def test_every_method_is_watched() -> None:
    failing = Anything(RuntimeError("no"))
    conversion = guard(failing, provenance("conversion")).begin(VOICE, track(), RATE, key=0)
    for call in (
        lambda: guard(failing, provenance("pitch")).estimate(sound(1), np.arange(3)),
        lambda: guard(failing, provenance("conversion")).learn([]),
        lambda: conversion.observe(sound(), 0),
        lambda: conversion.render(sound(), 0),
    ):
        assert refusal(BackendError, call).endswith("RuntimeError: no")

    failing.grid = failing.begin = Anything(RuntimeError("no"))._do  # type: ignore[method-assign]
    guarded = guard(failing, provenance("conversion"))
    assert refusal(BackendError, lambda: guarded.grid(RATE)).endswith("RuntimeError: no")


def test_another_device_than_promised_is_told() -> None:
    assert (
        refusal(DeviceMismatch, lambda: separator(halves, device="cuda").separate(sound()))
        == "mine/x (mine 1.0) on cuda broke its contract: vocals is on cpu, not on cuda"
    )


def test_a_device_that_dlpack_has_no_name_for_is_not_compared() -> None:
    assert separator(halves, device="tpu").separate(sound())
