"""``TrainedVoice``: what a plugin reads from the files of a voice that was trained elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from numpy.typing import NDArray


@frozen(eq=False)
class TrainedVoice:
    """A voice that was trained elsewhere, as a converter reads it.

    Attributes
    ----------
    feature_id
        The kind of the features, one of those that the offer ``reads``.
    features
        Arrays of numbers by name, all finite: all that is needed to sing, so that the files read
        are not needed any more.
    about
        What the files say of the voice, in lines that ``autovoice voices show`` prints.
    """

    feature_id: str
    features: Mapping[str, NDArray[Any]]
    about: str = ""
