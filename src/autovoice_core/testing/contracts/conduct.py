"""How an implementation behaves towards its callers, whatever it computes."""

from __future__ import annotations

import os
import random
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core._errors import AutoVoiceError, InputError
from autovoice_core._types import Audio
from autovoice_core.testing.contracts.base import Contract, Place, same
from autovoice_core.testing.loopback import looped


class Conduct(Contract):
    """Purity: what a caller relies on without thinking of it."""

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of what core makes of ``audio`` with this backend."""
        raise NotImplementedError

    def test_the_same_input_gives_the_same_output(self, place: Place) -> None:
        subject = self.subject(place)
        one, other = self.sound(seed=1), self.sound(0.7, seed=2)
        first = self.hear(subject, one)
        self.hear(subject, other)
        again = self.hear(subject, one)
        fresh = self.hear(self.open(place), Audio(one.numpy().copy(), one.sample_rate))
        assert same(first, again), f"{self.who} gives something else the second time"
        assert same(first, fresh), f"{self.who}, opened anew, gives something else"

    def test_a_result_is_not_changed_by_the_next_call(self, place: Place) -> None:
        subject = self.subject(place)
        first = self.hear(subject, self.sound(seed=1))
        kept = [values.copy() for values in first]
        self.hear(subject, self.sound(seed=2))
        assert same(first, kept), f"{self.who} writes over the result of the call before"

    def test_inputs_are_never_written_to(self, place: Place) -> None:
        subject = self.subject(place)
        for gain in (1.0, 4.0):
            samples = gain * self.sound().numpy()
            audio = Audio(samples, 16_000)
            before = samples.copy()
            self.hear(subject, audio)
            assert np.array_equal(samples, before), f"{self.who} writes to its input"

    def test_inputs_may_lie_in_memory_as_they_like(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.sound()
        plain = self.hear(subject, audio)
        wide = np.zeros((audio.channels, 2 * audio.frames), np.float32)
        wide[:, ::2] = audio.numpy()
        frozen = audio.numpy().copy()
        frozen.flags.writeable = False
        for text, samples in {
            "strided": wide[:, ::2],
            "in Fortran order": np.asfortranarray(audio.numpy()),
            "read-only": frozen,
        }.items():
            found = self.hear(subject, Audio(samples, audio.sample_rate))
            assert same(plain, found), f"{self.who} gives something else if the input is {text}"

    def test_inputs_may_come_from_any_array_library(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.sound()
        found = self.hear(subject, looped(audio))
        assert same(self.hear(subject, audio), found), (
            f"{self.who} gives something else for an array that only has __dlpack__; "
            "read samples with Audio.numpy(), or from_dlpack"
        )

    def test_two_threads_at_once_do_not_disturb_each_other(self, place: Place) -> None:
        subject = self.subject(place)
        sounds = [self.sound(0.6, seed=seed) for seed in range(4)]
        alone = [self.hear(subject, sound) for sound in sounds]
        gate = threading.Barrier(2)

        def work(order: list[int]) -> bool:
            gate.wait(timeout=60)
            return all(same(alone[i], self.hear(subject, sounds[i])) for i in order)

        with ThreadPoolExecutor(2) as pool:
            agreed = list(pool.map(work, ([0, 1, 2, 3] * 2, [3, 2, 1, 0] * 2)))
        assert all(agreed), f"{self.who} gives something else while another thread uses it"

    def test_nan_and_infinity_are_refused(self, place: Place) -> None:
        subject = self.subject(place)
        for bad in (np.nan, np.inf, -np.inf):
            samples = self.sound(0.3).numpy().copy()
            samples[-1, 1000] = bad
            with pytest.raises(InputError):
                self.hear(subject, Audio(samples, 16_000))

    def test_results_say_what_made_them(self, place: Place) -> None:
        chosen = self.choose(place)
        made_by = self.through_core(place, self.sound(0.5))
        assert made_by, "core's result does not say what made it"
        assert made_by[-1] == chosen.provenance

    def test_it_leaves_the_process_as_it_was(
        self, place: Place, capfd: pytest.CaptureFixture[str]
    ) -> None:
        subject, audio = self.subject(place), self.sound(0.5)
        self.hear(subject, audio)
        capfd.readouterr()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            before = _state()
            self.hear(subject, audio)
            after = _state()
        changed = [name for name in before if before[name] != after[name]]
        assert not changed, f"{self.who} changes {', '.join(changed)}"
        assert not warned, f"{self.who} warns its callers: {warned[0].message}"
        said = capfd.readouterr()
        assert not said.out + said.err, f"{self.who} writes to the terminal: {said.out + said.err}"

    def test_what_is_no_audio_is_refused_by_a_sentence(self, place: Place) -> None:
        subject = self.subject(place)
        with pytest.raises(AutoVoiceError, match="Audio"):
            self.hear(subject, "a song")  # type: ignore[arg-type]


def _state() -> dict[str, Any]:
    state: dict[str, Callable[[], Any]] = {
        "NumPy's error handling": np.geterr,
        "NumPy's random state": lambda: np.random.get_state()[1].tobytes(),  # type: ignore[index]  # noqa: NPY002
        "Python's random state": random.getstate,
        "the filters of warnings": lambda: list(warnings.filters),
        "the environment": lambda: dict(os.environ),
        "the working directory": Path.cwd,
        "the files in the working directory": lambda: sorted(map(str, Path().iterdir())),
    }
    return {name: read() for name, read in state.items()}
