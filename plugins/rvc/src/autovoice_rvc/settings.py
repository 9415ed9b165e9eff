"""The settings of the converters, and of the pitch tracker."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends import setting

MAX_SPEAKER = 108
"""Highest number of a speaker of the usual files, which have room for 109."""


@frozen
class RvcSettings:
    """How a voice of RVC sings; the names are those of RVC.

    Attributes
    ----------
    index_rate
        Share of the content that is taken from the voice's index, if it has one.
    protect
        Share of that in unvoiced sound, 0.5 for all of it: less keeps breaths and consonants.
    rms_mix_rate
        Share of the loudness that is the network's own; the rest is the source's.
    speaker
        Which speaker of a file of several.
    stream_block
        Seconds that a stream sings at a time: its latency is half a second more.
    """

    index_rate: float = setting(
        0.75, low=0.0, high=1.0, help="share of the content taken from the voice's index"
    )
    protect: float = setting(
        0.33,
        low=0.0,
        high=0.5,
        help="share of the index in unvoiced sound; 0.5 is all of it, less keeps consonants",
    )
    rms_mix_rate: float = setting(
        0.0, low=0.0, high=1.0, help="share of the loudness that is the voice's, not the source's"
    )
    speaker: int = setting(
        0, low=0, high=MAX_SPEAKER, help="the speaker, in a file that holds several"
    )
    stream_block: float = setting(
        0.5, low=0.1, high=0.5, help="seconds that a stream sings at a time; less costs more"
    )


@frozen
class RmvpeSettings:
    """The voicing of RMVPE.

    Attributes
    ----------
    threshold
        Salience of the strongest class of pitch from which a frame is voiced.
    """

    threshold: float = setting(
        0.03, low=0.001, high=1.0, help="confidence from which a frame is voiced"
    )
