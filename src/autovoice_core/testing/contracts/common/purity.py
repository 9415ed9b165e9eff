"""Tests of purity: determinism, threads, inputs left alone, no side effects on the process."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core._errors import AutoVoiceError, InputError
from autovoice_core._types import Audio
from autovoice_core.backends import containment
from autovoice_core.backends.containment import process_state
from autovoice_core.testing.contracts.common.contract import Contract, Place, identical
from autovoice_core.testing.loopback import looped


class Purity(Contract):
    """Tests of what callers take for granted, whatever is computed."""

    def made_by_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of core's result for ``audio`` with this backend."""
        raise NotImplementedError

    def test_the_same_input_gives_the_same_output(self, place: Place) -> None:
        subject = self.subject(place)
        one, other = self.signal(seed=1), self.signal(seed=2)
        first, second = self.run(subject, one), self.run(subject, other)
        self.run(subject, self.signal(0.7, seed=2))
        again = self.run(subject, one)
        assert identical(first, again), f"{self.backend}: the second call gives another result"
        new = self.open(place)
        for expected, audio in ((second, other), (first, one)):
            fresh = self.run(new, Audio(audio.numpy().copy(), audio.sample_rate))
            assert identical(expected, fresh), (
                f"{self.backend}: a new instance gives another result"
            )

    def test_a_result_is_not_changed_by_the_next_call(self, place: Place) -> None:
        subject = self.subject(place)
        first = self.run(subject, self.signal(seed=1))
        kept = [values.copy() for values in first]
        self.run(subject, self.signal(seed=2))
        assert identical(first, kept), f"{self.backend} overwrites the result of the previous call"

    def test_inputs_are_never_written_to(self, place: Place) -> None:
        subject = self.subject(place)
        for gain in (1.0, 4.0):
            samples = gain * self.signal().numpy()
            audio = Audio(samples, 16_000)
            before = samples.copy()
            with containment.off():
                self.run(subject, audio)
            assert np.array_equal(samples, before), f"{self.backend} writes to its input"

    def test_inputs_may_lie_in_memory_as_they_like(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.signal()
        plain = self.run(subject, audio)
        wide = np.zeros((audio.channels, 2 * audio.frames), np.float32)
        wide[:, ::2] = audio.numpy()
        frozen = audio.numpy().copy()
        frozen.flags.writeable = False
        for text, samples in {
            "strided": wide[:, ::2],
            "in Fortran order": np.asfortranarray(audio.numpy()),
            "read-only": frozen,
        }.items():
            with containment.off():
                found = self.run(subject, Audio(samples, audio.sample_rate))
            assert identical(plain, found), (
                f"{self.backend}: input that is {text} gives another result"
            )

    def test_inputs_may_come_from_any_array_library(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.signal()
        found = self.run(subject, looped(audio))
        assert identical(self.run(subject, audio), found), (
            f"{self.backend}: an array that only has __dlpack__ gives another result; "
            "read samples with Audio.numpy() or from_dlpack"
        )

    def test_two_threads_at_once_do_not_disturb_each_other(self, place: Place) -> None:
        subject = self.subject(place)
        rates = (16_000, 44_100, 16_000, 8_000)
        sounds = [self.signal(0.6, rate, seed=seed) for seed, rate in enumerate(rates)]
        alone = [self.run(subject, sound) for sound in sounds]
        gate = threading.Barrier(2)

        def work(order: list[int]) -> bool:
            gate.wait(timeout=60)
            return all(identical(alone[i], self.run(subject, sounds[i])) for i in order)

        with _switching_often(), ThreadPoolExecutor(2) as pool:
            agreed = list(pool.map(work, ([0, 1, 2, 3] * 2, [3, 2, 1, 0] * 2)))
        assert all(agreed), f"{self.backend} gives other results while another thread uses it"

    def test_nan_and_infinity_are_refused(self, place: Place) -> None:
        subject = self.subject(place)
        for bad in (np.nan, np.inf, -np.inf):
            samples = self.signal(0.3).numpy().copy()
            samples[-1, 1000] = bad
            with pytest.raises(InputError):
                self.run(subject, Audio(samples, 16_000))

    def test_results_say_what_made_them(self, place: Place) -> None:
        chosen = self.choose(place)
        made_by = self.made_by_core(place, self.signal(0.5))
        assert made_by, "core's result has no provenance in made_by"
        assert made_by[-1] == chosen.provenance

    def test_it_leaves_the_process_as_it_was(
        self, place: Place, capfd: pytest.CaptureFixture[str]
    ) -> None:
        subject, audio = self.subject(place), self.signal(0.5)
        self.run(subject, audio)
        capfd.readouterr()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            before = _process_state()
            with containment.off():
                self.run(subject, audio)
            after = _process_state()
        changed = [name for name in before if before[name] != after[name]]
        assert not changed, f"{self.backend} changes {', '.join(changed)}"
        assert not warned, f"{self.backend} warns its callers: {warned[0].message}"
        said = capfd.readouterr()
        assert not said.out + said.err, (
            f"{self.backend} writes to the terminal: {said.out + said.err}"
        )

    def test_what_is_no_audio_is_refused_by_a_sentence(self, place: Place) -> None:
        subject = self.subject(place)
        with pytest.raises(AutoVoiceError, match="Audio"):
            self.run(subject, "a song")  # type: ignore[arg-type]


def _process_state() -> dict[str, Any]:
    state: dict[str, Callable[[], Any]] = {
        "the filters of warnings": lambda: list(warnings.filters),
        "the environment": lambda: dict(os.environ),
        "the files in the working directory": lambda: sorted(map(str, Path().iterdir())),
        "NumPy's options for printing": np.get_printoptions,
    }
    state |= {part.name: part.read for part in process_state.ALL}
    return {name: read() for name, read in state.items()}


@contextmanager
def _switching_often() -> Iterator[None]:
    """Have threads take turns a thousand times as often, so that a race is found where one is."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
