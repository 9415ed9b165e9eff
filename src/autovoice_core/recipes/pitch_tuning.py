"""The constants of pitch tracking."""

from __future__ import annotations

from attrs import frozen

NOTHING = -(1 << 20)
"""Score of a candidate that is not there."""
IMPOSSIBLE = -(1 << 28)
"""Score of a path that can't be taken."""

ONE = 4096
"""The score of a signal that repeats itself exactly."""
OCTAVE = 1024
"""Units of place, the logarithm of lag, in an octave."""
FINE = 16
"""Places are looked up in a table at this many steps a sample of lag."""
FULL_SCALE = 1 << 23
RATE = 22050
"""Correlation runs near this rate, Hz."""
TOP = 5000.0
"""Above this frequency in Hz the signal is left out; it adds more noise than harmonics."""
BLOCK = 256
"""Samples whose energy is taken together to say how loud it is."""
FLOOR = BLOCK * 84**2
"""Energy of a block at -100 dB of full scale; what is quieter never counts as a voice."""


@frozen
class Tuning:
    """What may be set of the tracker, in units of the score (4096 is a perfect repetition).

    Attributes
    ----------
    candidates
        Peaks kept of each frame.
    octave_cost
        Taken off for each octave that a lag is longer than the shortest.
    jump, jump_most
        Cost of moving an octave from frame to frame, and the most any movement costs.
    unvoiced
        Score from which a frame is voiced.
    change
        Cost of a change between voiced and unvoiced.
    gate
        Powers of two by which a block's energy may lie under the loudest within ``gate_seconds``
        (17 are 51 dB).
    quiet, quiet_cost
        So many powers of two count nothing; each one more is taken off a frame's score. A voice
        that dies away or breathes still repeats itself, but is soft.
    periods, window
        Length of what is compared: so many lags, but at least so many seconds.
    """

    candidates: int = 16
    octave_cost: int = 164
    jump: int = 3686
    jump_most: int = 4915
    unvoiced: int = 1650
    change: int = 2500
    gate: int = 17
    gate_seconds: float = 1.0
    quiet: int = 6
    quiet_cost: int = 150
    periods: int = 2
    window: float = 0.016
