"""The settings of the networks that take any."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends import setting


@frozen
class CrepeSettings:
    """The voicing of CREPE.

    Attributes
    ----------
    threshold
        Probability of the likeliest class of pitch from which a frame is voiced.
    """

    threshold: float = setting(
        0.5, low=0.0, high=1.0, help="confidence from which a frame is voiced"
    )


@frozen
class FcpeSettings:
    """The voicing of FCPE.

    Attributes
    ----------
    threshold
        Value of the likeliest class of pitch from which a frame is voiced.
    """

    threshold: float = setting(
        0.1, low=0.0, high=1.0, help="confidence from which a frame is voiced"
    )
