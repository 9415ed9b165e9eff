from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autovoice_core import (
    Audio,
    AutoVoiceError,
    BackendError,
    ContractViolation,
    DeviceMismatch,
    InputError,
    PitchFrames,
    PitchTrack,
    Provenance,
    Stems,
    StorageError,
    select,
)
from autovoice_core._arrays import all_finite
from autovoice_core.backends import Entry
from autovoice_core.backends.guards.guard import guard

RATE = 16_000
WHO = "mine/x (mine 1.0) on cpu"
BROKE = f"{WHO} broke its contract: "
EARLIER = Provenance("separation", "other/y", "other 2.0", "cpu", "float32")


def provenance(operation: str, device: str = "cpu") -> Provenance:
    return Provenance(operation, "mine/x", "mine 1.0", device, "float32")


def sound(channels: int = 2, frames: int = 64, **changes: Any) -> Audio:
    samples = np.random.default_rng(0).uniform(-1, 1, (channels, frames)).astype(np.float32)
    return evolve(Audio(samples, RATE, (EARLIER,)), **changes)


def spoilt(audio: Audio, value: float = np.nan) -> Audio:
    samples = audio.numpy().copy()
    samples[-1, -1] = value
    return evolve(audio, samples=samples)


def track(frames: int = 4, made_by: tuple[Provenance, ...] = ()) -> PitchTrack:
    return PitchTrack(
        np.full(frames, 200.0),
        np.ones(frames, np.bool_),
        np.ones(frames, np.float32),
        hop=0.01,
        made_by=made_by,
    )


class Anything:
    """An implementation of all three operations whose answers are set from outside."""

    context: Any = 0.5
    feature_id: Any = "mine/1"

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer

    def _do(self, *arguments: Any) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer(*arguments) if callable(self.answer) else self.answer

    def grid(self, sample_rate: int) -> Any:
        return 160

    def separate(self, mixture: Audio) -> Any:
        return self._do(mixture)

    def estimate(self, audio: Audio, centres: Any) -> Any:
        return self._do(audio, centres)

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> Any:
        return self._do(recordings)

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        return self

    def observe(self, vocals: Audio, start: int) -> None:
        self._do(vocals)

    def render(self, vocals: Audio, start: int) -> Any:
        return self._do(vocals)


class OnlyDLPack:
    """An array of a library that nobody has heard of, on any device."""

    def __init__(self, array: np.ndarray[Any, Any], device: int = 1) -> None:
        self.array = array
        self.device = device

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (self.device, 0)


def halves(mixture: Audio) -> Stems:
    half = mixture.numpy() / 2
    return Stems(Audio(half, mixture.sample_rate), Audio(half, mixture.sample_rate))


def separator(answer: Any, device: str = "cpu") -> Any:
    return guard(Anything(answer), provenance("separation", device))


def estimator(answer: Any) -> Any:
    return guard(Anything(answer), provenance("pitch"))


class Together(Anything):
    """One that also tracks clips together."""

    def estimate_batch(self, audios: Any, centres: Any) -> Any:
        return self._do(audios, centres)


def together(answer: Any) -> Any:
    return guard(Together(answer), provenance("pitch"))


def converter(answer: Any) -> Any:
    return guard(Anything(answer), provenance("conversion"))


def refusal(kind: type[Exception], call: Callable[[], Any]) -> str:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return str(caught.value)


class TestWhatGoesIn:
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_samples_that_are_not_finite_are_the_callers_fault(self, value: float) -> None:
        text = "{}: it holds NaN or infinite samples; replace them first"
        bad, conversion = spoilt(sound(), value), converter(None).begin(None, track(), RATE, key=0)
        for name, call in {
            "mixture": lambda: separator(halves).separate(bad),
            "audio": lambda: estimator(None).estimate(bad.mono(), np.arange(3)),
            "vocals": lambda: conversion.observe(bad, 0),
        }.items():
            assert refusal(InputError, call) == text.format(name)
        assert refusal(InputError, lambda: conversion.render(bad, 0)) == text.format("vocals")

    def test_what_is_not_audio_is_refused(self) -> None:
        assert refusal(InputError, lambda: separator(halves).separate(np.zeros((1, 4)))) == (
            "mixture: ndarray is not Audio; wrap it in Audio(samples, sample_rate)"
        )

    def test_a_pitch_estimator_takes_one_channel(self) -> None:
        assert refusal(InputError, lambda: estimator(None).estimate(sound(), np.arange(3))) == (
            "audio: it has 2 channels, not 1; take its mono() first"
        )

    @pytest.mark.parametrize(
        "centres",
        [[0, 1], np.arange(3.0), np.zeros((1, 2), np.int64), np.array([0, 0]), np.array([0, 65]),
         np.array([-1, 0]), np.array([3, 1])],
    )  # fmt: skip
    def test_centres_are_increasing_positions(self, centres: Any) -> None:
        assert refusal(InputError, lambda: estimator(None).estimate(sound(1), centres)) == (
            "centres: not an int64 array of increasing sample positions from 0 to 64; "
            "give for example numpy.arange(0, frames, hop)"
        )

    @pytest.mark.parametrize("key", [np.nan, np.inf])
    def test_a_key_is_a_finite_number(self, key: float) -> None:
        assert refusal(InputError, lambda: converter(None).begin(None, track(), RATE, key=key)) == (
            f"key: {key} is not a finite number of semitones; give for example 12"
        )

    def test_a_converter_is_told_what_is_asked_of_it_and_nothing_else(self) -> None:
        told: list[dict[str, Any]] = []

        class Told(Anything):
            controls = frozenset({"formant", "melody"})

            def begin(self, *arguments: Any, **options: Any) -> Any:
                told.append(options)
                return self

        guarded = guard(Told(), provenance("conversion"))
        asked = {"formant": -1.0, "strength": 1.0, "seed": 0, "melody": None}
        guarded.begin(None, track(), RATE, key=2, **asked)
        assert told == [{"key": 2.0, "formant": -1.0}]
        bad = evolve(track(), f0=np.array([1.0, np.nan, 1.0, 1.0]))
        assert refusal(
            InputError, lambda: guarded.begin(None, track(), RATE, key=0, melody=bad)
        ) == ("melody: f0 holds NaN or infinity; write 0 where there is no pitch")
        assert refusal(InputError, lambda: guarded.begin(None, track(), RATE, key=0, seed=5)) == (
            "seed: mine/x has no noise that could be chosen; leave it at 0"
        )

    def test_how_much_to_keep_is_told_to_those_who_choose(self) -> None:
        told: list[dict[str, Any]] = []

        class Choosy(Anything):
            keeps = 300.0

            def learn(self, recordings: Any, **options: Any) -> Any:
                told.append(options)
                return {}

        chooses = guard(Choosy(), provenance("conversion"))
        chooses.learn([])
        chooses.learn([], keep=20.0)
        assert told == [{}, {"keep": 20.0}]
        assert refusal(InputError, lambda: converter({}).learn([], keep=20.0)) == (
            "keep: mine/x keeps what it needs of recordings; leave it out"
        )

    @pytest.mark.parametrize("controls", [["formant"], frozenset({"loudness"}), None])
    def test_controls_are_some_of_those_there_are(self, controls: Any) -> None:
        class Mine(Anything):
            pass

        Mine.controls = controls  # type: ignore[attr-defined]
        assert refusal(ContractViolation, lambda: guard(Mine(), provenance("conversion"))).endswith(
            f"broke its contract: controls is {controls!r}, not a frozenset of some of formant, "
            "strength, melody, seed"
        )

    def test_a_pitch_track_is_finite(self) -> None:
        bad = evolve(track(), f0=np.array([1.0, np.nan, 1.0, 1.0]))
        assert refusal(InputError, lambda: converter(None).begin(None, bad, RATE, key=0)) == (
            "pitch: f0 holds NaN or infinity; write 0 where there is no pitch"
        )
        assert refusal(InputError, lambda: converter(None).begin(None, [], RATE, key=0)) == (
            "pitch: list is not a PitchTrack; extract it from the vocals first"
        )

    def test_recordings_are_checked_as_they_are_taken(self) -> None:
        taken: list[int] = []

        def learn(recordings: Iterable[tuple[Audio, PitchTrack]]) -> dict[str, Any]:
            for audio, _ in recordings:
                taken.append(audio.frames)
            return {}

        recordings = [(sound(1, 10), track()), (spoilt(sound(1, 20)), track())]
        assert refusal(InputError, lambda: converter(learn).learn(recordings)) == (
            "recordings[1]: it holds NaN or infinite samples; replace them first"
        )
        assert taken == [10]
        recordings = [(sound(2), track())]
        assert refusal(InputError, lambda: converter(learn).learn(recordings)) == (
            "recordings[0]: it has 2 channels, not 1; take its mono() first"
        )

    def test_what_the_callers_iterable_raises_is_passed_on_unchanged(self) -> None:
        cause = KeyError("why")

        def recordings() -> Iterator[tuple[Audio, PitchTrack]]:
            yield sound(1), track()
            raise OSError("the disk went away") from cause

        def learn(found: Iterable[Any]) -> dict[str, Any]:
            try:
                return {str(number): 0 for number, _ in enumerate(found)}
            except Exception:
                return {}

        with pytest.raises(OSError, match=r"^the disk went away$") as caught:
            converter(learn).learn(recordings())
        assert caught.value.__cause__ is cause

    def test_a_converter_gets_every_recording(self) -> None:
        def learn(found: Iterator[Any]) -> dict[str, Any]:
            return {"frames": np.array([audio.frames for audio, _ in found])}

        recordings = [(sound(1, frames), track()) for frames in (10, 20)]
        assert converter(learn).learn(recordings)["frames"].tolist() == [10, 20]

    def test_a_converter_may_leave_recordings_untaken(self) -> None:
        def learn(found: Iterator[Any]) -> dict[str, Any]:
            next(found)
            return {"x": np.zeros(1)}

        recordings = iter([(sound(1), track()), (sound(1), track())])
        assert list(converter(learn).learn(recordings)) == ["x"]


class TestStems:
    def test_they_pass_with_what_made_them(self) -> None:
        stems = separator(halves).separate(sound())
        assert stems.vocals.made_by == stems.accompaniment.made_by
        assert stems.vocals.made_by == (EARLIER, provenance("separation"))
        np.testing.assert_array_equal(stems.vocals.numpy(), sound().numpy() / 2)

    def test_arrays_of_any_library_pass(self) -> None:
        def foreign(mixture: Audio) -> Stems:
            half = Audio(OnlyDLPack(mixture.numpy() / 2), RATE)
            return Stems(half, half)

        stems = separator(foreign).separate(sound())
        assert isinstance(stems.vocals.samples, OnlyDLPack)

    @pytest.mark.parametrize("frames", [0, 1])
    def test_the_shortest_sounds_pass(self, frames: int) -> None:
        assert separator(halves).separate(sound(frames=frames)).vocals.frames == frames

    @pytest.mark.parametrize(
        ("lie", "fault"),
        [
            (lambda m: m, "separate() returned Audio, not Stems"),
            (lambda m: Stems(m.samples, m), "vocals is ndarray, not Audio"),
            (
                lambda m: Stems(m, evolve(m, sample_rate=8000)),
                "accompaniment has 8000 Hz, not 16000 Hz",
            ),
            (
                lambda m: Stems(evolve(m, samples=m.numpy()[:, 1:]), m),
                "vocals has shape (2, 63), not (2, 64)",
            ),
            (lambda m: Stems(spoilt(m, np.inf), m), "vocals holds NaN or infinity"),
            (
                lambda m: Stems(m, evolve(m, samples=np.full((2, 64), 2e-4, np.float32))),
                "vocals and accompaniment add up to something 0.0002 off the mixture",
            ),
            (
                lambda m: Audio(m.numpy().astype(np.float64), RATE),
                "it made a result that can't be: samples: dtype float64 is not float32; "
                "convert with samples.astype(numpy.float32)",
            ),
        ],
    )
    def test_a_lie_is_a_contract_violation(self, lie: Any, fault: str) -> None:
        assert refusal(ContractViolation, lambda: separator(lie).separate(sound())) == BROKE + fault

    def test_rounding_is_no_lie_for_loud_sounds_either(self) -> None:
        loud = sound(samples=sound().numpy() * 1000)
        off = np.full((2, 64), 0.05, np.float32)
        assert separator(lambda m: Stems(m, evolve(m, samples=off))).separate(loud)

    def test_samples_near_the_end_of_the_range_are_no_warning(self) -> None:
        huge = sound(samples=np.full((1, 8), 3e38, np.float32))
        lie = evolve(huge, samples=-huge.numpy())
        assert refusal(
            ContractViolation, lambda: separator(lambda m: Stems(lie, lie)).separate(huge)
        ).endswith("add up to something inf off the mixture")

    def test_another_device_than_promised_is_told(self) -> None:
        assert (
            refusal(DeviceMismatch, lambda: separator(halves, device="cuda").separate(sound()))
            == "mine/x (mine 1.0) on cuda broke its contract: vocals is on cpu, not on cuda"
        )

    def test_a_device_that_dlpack_has_no_name_for_is_not_compared(self) -> None:
        assert separator(halves, device="tpu").separate(sound())


class TestPitchFrames:
    centres = np.arange(0, 64, 16)

    def frames(self, **changes: Any) -> PitchFrames:
        good = PitchFrames(
            np.array([100.0, 0, 0, 200.0]),
            np.array([True, False, False, True]),
            np.array([1, 0, 0.5, 1], np.float32),
        )
        return evolve(good, **changes)

    def test_good_frames_pass(self) -> None:
        frames = self.frames(f0=OnlyDLPack(self.frames().f0))  # type: ignore[arg-type]
        assert estimator(frames).estimate(sound(1), self.centres) is frames

    def test_no_position_gives_no_frames(self) -> None:
        empty = PitchFrames(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.float32))
        assert estimator(empty).estimate(sound(1), np.zeros(0, np.int64)) is empty

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"f0": [1.0, 0, 0, 2.0]}, "f0 is list, not an array with __dlpack__"),
            (
                {"f0": np.ones(4, np.float32)},
                "f0 is float32 of shape (4,), not float64 of shape (4,)",
            ),
            ({"f0": np.ones(3)}, "f0 is float64 of shape (3,), not float64 of shape (4,)"),
            (
                {"voiced": np.ones(4)},
                "voiced is float64 of shape (4,), not bool of shape (4,)",
            ),
            (
                {"confidence": np.ones(4)},
                "confidence is float64 of shape (4,), not float32 of shape (4,)",
            ),
            *(
                ({"f0": np.array(f0)}, "f0 is not a frequency where voiced and 0 where unvoiced")
                for f0 in (
                    [100.0, np.nan, 0, 200.0],
                    [100.0, 50.0, 0, 200.0],
                    [100.0, 0, 0, 0],
                    [100.0, -1.0, 0, 200.0],
                )
            ),
            *(
                ({"confidence": np.array([0, 0, 0, x], np.float32)}, "confidence is outside 0 to 1")
                for x in (1.1, -0.1, np.nan)
            ),
        ],
    )
    def test_a_lie_is_a_contract_violation(self, changes: dict[str, Any], fault: str) -> None:
        lie = self.frames(**changes)
        assert (
            refusal(ContractViolation, lambda: estimator(lie).estimate(sound(1), self.centres))
            == BROKE + fault
        )

    def test_something_else_is_a_contract_violation(self) -> None:
        assert refusal(
            ContractViolation, lambda: estimator(()).estimate(sound(1), self.centres)
        ) == (BROKE + "estimate() returned tuple, not PitchFrames")

    def test_clips_are_asked_about_one_by_one_if_the_backend_knows_no_batch(self) -> None:
        frames = self.frames()
        clips = estimator(frames).estimate_batch([sound(1)] * 3, [self.centres] * 3)
        assert [clip is frames for clip in clips] == [True] * 3

    def test_clips_are_handed_over_together_if_the_backend_knows_how(self) -> None:
        frames = self.frames()
        clips = together([frames, frames]).estimate_batch([sound(1)] * 2, [self.centres] * 2)
        assert [clip is frames for clip in clips] == [True] * 2
        assert together([]).estimate_batch([], []) == []

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            ([None], "estimate_batch() returned no list of 2 PitchFrames"),
            ((None, None), "estimate_batch() returned no list of 2 PitchFrames"),
            ([None, None], "estimate_batch()[0] returned NoneType, not PitchFrames"),
        ],
    )
    def test_a_batch_of_something_else_is_a_contract_violation(
        self, answer: Any, fault: str
    ) -> None:
        def ask() -> Any:
            return together(answer).estimate_batch([sound(1)] * 2, [self.centres] * 2)

        assert refusal(ContractViolation, ask) == BROKE + fault

    @pytest.mark.parametrize(
        ("clips", "count", "message"),
        [
            ([sound(1)], 2, "centres: 2 for 1 clips; give one array for each clip"),
            (
                [sound(1), sound(2)],
                2,
                "audios[1]: it has 2 channels, not 1; take its mono() first",
            ),
            (
                [sound(1), Audio(sound(1).numpy(), 8000)],
                2,
                "audios[1]: it has 8000 Hz, not the 16000 Hz of the first clip; resample it first",
            ),
        ],
    )
    def test_a_batch_that_does_not_fit_is_refused(
        self, clips: list[Audio], count: int, message: str
    ) -> None:
        asked = [self.centres] * count
        assert refusal(InputError, lambda: together([]).estimate_batch(clips, asked)) == message

    def test_positions_of_a_clip_are_refused_by_its_number(self) -> None:
        asked = [self.centres, self.centres[::-1]]
        assert refusal(
            InputError, lambda: together([]).estimate_batch([sound(1)] * 2, asked)
        ).startswith("centres[1]: not an int64 array of increasing sample positions from 0 to ")


class TestConversion:
    def test_a_window_says_all_that_made_it(self) -> None:
        pitch = provenance("pitch")
        conversion = converter(lambda m: m).begin(
            None, track(made_by=(EARLIER, pitch)), RATE, key=0
        )
        conversion.observe(sound(), 0)
        assert conversion.render(sound(), 0).made_by == (EARLIER, pitch, provenance("conversion"))

    def test_a_shorter_window_is_a_contract_violation(self) -> None:
        conversion = converter(lambda m: evolve(m, samples=m.numpy()[:, 1:])).begin(
            None, track(), RATE, key=0
        )
        assert refusal(ContractViolation, lambda: conversion.render(sound(), 0)) == (
            BROKE + "the converted window has shape (2, 63), not (2, 64)"
        )

    def test_a_session_has_the_methods_of_one(self) -> None:
        class Poor(Anything):
            def begin(self, *arguments: Any, key: float) -> object:
                return object()

        guarded = guard(Poor(), provenance("conversion"))
        assert refusal(ContractViolation, lambda: guarded.begin(None, track(), RATE, key=0)) == (
            BROKE + "object has no method observe()"
        )

    @pytest.mark.parametrize(
        ("features", "fault"),
        [
            ([], "learn() returned list, not a mapping"),
            ({"x": [1]}, "feature 'x' is list, not an ndarray"),
            ({1: np.zeros(1)}, "the feature name 1 is not text"),
            ({"x": np.array([None])}, "feature 'x' is of dtype object, not numbers"),
            ({"x": np.array([np.nan])}, "feature 'x' holds NaN or infinity"),
        ],
    )
    def test_features_are_finite_arrays_of_numbers(self, features: Any, fault: str) -> None:
        assert refusal(ContractViolation, lambda: converter(features).learn([])) == BROKE + fault

    def test_features_pass_as_a_dictionary(self) -> None:
        class View(Mapping[str, Any]):
            def __getitem__(self, key: str) -> Any:
                return np.arange(3)

            def __iter__(self) -> Iterator[str]:
                return iter(("x",))

            def __len__(self) -> int:
                return 1

        assert type(converter(View()).learn([])) is dict


class TestDeclarations:
    def test_context_grid_and_features_are_passed_on(self) -> None:
        guarded = converter(None)
        assert (guarded.context, guarded.grid(RATE), guarded.feature_id) == (0.5, 160, "mine/1")
        assert guarded.provenance == provenance("conversion")

    @pytest.mark.parametrize(
        ("operation", "attribute", "value", "fault"),
        [
            ("separation", "context", -1.0, "context is -1.0, not a number of seconds"),
            ("pitch", "context", None, "context is None, not a number of seconds"),
            ("pitch", "context", np.inf, "context is inf, not a number of seconds"),
            ("conversion", "feature_id", "", "feature_id is '', not a name such as 'mine/1'"),
            ("conversion", "feature_id", 3, "feature_id is 3, not a name such as 'mine/1'"),
            ("separation", "separate", None, "Anything has no method separate()"),
            ("pitch", "estimate", None, "Anything has no method estimate()"),
            ("conversion", "learn", None, "Anything has no method learn()"),
        ],
    )
    def test_a_missing_part_is_told_when_it_is_opened(
        self, operation: str, attribute: str, value: Any, fault: str
    ) -> None:
        inner = Anything()
        setattr(inner, attribute, value)
        assert (
            refusal(ContractViolation, lambda: guard(inner, provenance(operation))) == BROKE + fault
        )

    @pytest.mark.parametrize("grid", [0, 1.5, None])
    def test_a_grid_is_a_count_of_samples(self, grid: Any) -> None:
        guarded = estimator(None)
        guarded.inner.grid = lambda rate: grid
        assert refusal(ContractViolation, lambda: guarded.grid(RATE)) == (
            BROKE + f"grid(16000) returned {grid!r}, not a count of samples"
        )


class TestWhatIsRaisedInside:
    def test_a_failure_says_where_and_keeps_its_cause(self) -> None:
        cause = ZeroDivisionError("division by zero")
        with pytest.raises(BackendError) as caught:
            separator(cause).separate(sound())
        assert str(caught.value) == (
            f"{WHO} failed at separation: ZeroDivisionError: division by zero"
        )
        assert caught.value.__cause__ is cause
        assert caught.value.provenance == provenance("separation")

    def test_running_out_of_memory_has_a_remedy(self) -> None:
        assert refusal(BackendError, lambda: separator(MemoryError()).separate(sound())) == (
            f"{WHO} failed at separation: MemoryError; free memory or use another device"
        )

    @pytest.mark.parametrize(
        "error", [InputError("fmin: too low"), StorageError("gone"), ContractViolation("inner")]
    )
    def test_our_own_errors_pass(self, error: AutoVoiceError) -> None:
        with pytest.raises(AutoVoiceError) as caught:
            separator(error).separate(sound())
        assert caught.value is error

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
    def test_what_ends_the_program_passes(self, error: BaseException) -> None:
        with pytest.raises(type(error)) as caught:
            separator(error).separate(sound())
        assert caught.value is error

    def test_every_method_is_watched(self) -> None:
        failing = Anything(RuntimeError("no"))
        conversion = guard(failing, provenance("conversion")).begin(None, track(), RATE, key=0)
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


@given(
    arrays(
        np.float32,
        st.integers(0, 40),
        elements=st.one_of(
            st.floats(width=32), st.sampled_from([3e38, -3e38, float("nan"), float("inf")])
        ),
    )
)
def test_finiteness_is_found_whatever_the_sum_does(values: Any) -> None:
    assert all_finite(values) == bool(np.isfinite(values).all())


class TestOpening:
    @pytest.fixture
    def chosen(
        self,
        offering: Callable[..., None],
        make_entry: Callable[..., Entry],
        backend_module: ModuleType,
    ) -> Any:
        def open_it(*, device: str, dtype: str, fmin: float = 60, fmax: float = 1000) -> Anything:
            if fmin > fmax:
                raise InputError(f"fmin: {fmin} Hz is above fmax; lower it")
            made = Anything(lambda m: m)
            made.arguments = (device, dtype, fmin, fmax)  # type: ignore[attr-defined]
            return made

        backend_module.open_it = open_it  # type: ignore[attr-defined]
        offering(make_entry("mine/x", "separation"))
        return select("separation")

    def test_an_opened_backend_is_told_device_dtype_and_options(self, chosen: Any) -> None:
        opened = chosen.open(fmin=80)
        assert opened.inner.arguments == ("cpu", "float32", 80, 1000)
        assert opened.provenance == chosen.provenance

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            (
                "fmaxx",
                "fmaxx: mine/x has no such option (did you mean 'fmax'?); it takes fmin, fmax",
            ),
            ("device", "device: mine/x has no such option; it takes fmin, fmax"),
        ],
    )
    def test_an_unknown_option_is_refused(self, chosen: Any, name: str, message: str) -> None:
        assert refusal(InputError, lambda: chosen.open(**{name: 1})) == message

    def test_a_factory_without_options_says_so(
        self, chosen: Any, backend_module: ModuleType
    ) -> None:
        backend_module.open_it = lambda device, dtype: None  # type: ignore[attr-defined]
        assert refusal(InputError, lambda: chosen.open(fast=True)) == (
            "fast: mine/x has no such option; it takes none"
        )

    def test_a_factory_may_take_any_option(self, chosen: Any, backend_module: ModuleType) -> None:
        backend_module.open_it = lambda **options: Anything(options)  # type: ignore[attr-defined]
        assert chosen.open(fast=True).inner.answer["fast"] is True
        assert refusal(InputError, lambda: chosen.open(dtype=1)) == (
            "dtype: mine/x has no such option; it takes none"
        )

    def test_a_value_that_will_not_do_is_the_callers_fault(self, chosen: Any) -> None:
        assert refusal(InputError, lambda: chosen.open(fmin=2000)) == (
            "fmin: 2000 Hz is above fmax; lower it"
        )

    def test_an_implementation_that_can_not_be_loaded_is_a_backend_error(
        self, chosen: Any, backend_module: ModuleType
    ) -> None:
        del backend_module.open_it
        with pytest.raises(BackendError) as caught:
            chosen.open()
        assert str(caught.value) == (
            "mine/x (mine-dist 1.0) could not be opened on cpu: AttributeError: module 'a_backend' "
            "has no attribute 'open_it'; choose another backend or reinstall this one"
        )
        assert caught.value.provenance == chosen.provenance
