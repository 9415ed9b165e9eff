"""Inputs as they are handed to backends: none of them can be changed under the caller.

Sound is copied, into memory that is contiguous. A view that can't be written would be no help:
torch writes through one without a word, and compiled code refuses it. All else, which may be as
long as a song, is handed as such a view.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._errors import ArgumentError
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.backends.containment import is_off
from autovoice_core.protocols import Voice

_AnyArray = TypeVar("_AnyArray", bound=NDArray[Any])


def own_copy(audio: Audio) -> Audio:
    """Return sound that lies on the host as a copy."""
    if is_off() and isinstance(audio.samples, np.ndarray):
        return audio
    return evolve(audio, samples=np.array(audio.numpy(), order="C"))


def read_only(array: _AnyArray) -> _AnyArray:
    """Return a view that can't be written."""
    view = array.view()
    view.flags.writeable = False
    return view


def read_only_track(track: PitchTrack) -> PitchTrack:
    """Return the track, of views that can't be written."""
    return evolve(
        track,
        f0=read_only(track.f0),
        voiced=read_only(track.voiced),
        confidence=read_only(track.confidence),
    )


@frozen
class HandedVoice:
    """The part of a voice that a converter sees: a :class:`~autovoice_core.protocols.Voice`."""

    name: str
    features: Mapping[str, NDArray[Any]]


class MissingFeature(ArgumentError, KeyError):
    """A converter asked for a feature that the voice does not hold."""

    __str__ = Exception.__str__  # that of KeyError puts the sentence in quotes


class _Features(dict[str, NDArray[Any]]):
    """Features of a voice; one that is missing is named in a sentence."""

    def __init__(self, voice_name: str, features: Mapping[str, NDArray[Any]]) -> None:
        super().__init__({name: read_only(values) for name, values in features.items()})
        self._voice_name = voice_name

    def __missing__(self, name: str) -> NDArray[Any]:
        raise MissingFeature(
            f"voice: {self._voice_name!r} holds no feature {name!r}, only {', '.join(self)}; make "
            "the voice again from its recordings, with this backend"
        )


def handed_voice(voice: Voice, feature_id: str) -> HandedVoice:
    """Return what a converter that reads ``feature_id`` may see of a voice."""
    features_of = getattr(voice, "features_of", None)  # a profile may hold several sets
    features = features_of(feature_id) if features_of else voice.features
    return HandedVoice(voice.name, MappingProxyType(_Features(voice.name, features)))
