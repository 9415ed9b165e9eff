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
    beside, beside_cost, beside_rise
        A frame counts as good as one next to it, less the cost, if their pitches differ by at most
        so many units of place; but it gains no more than ``beside``. At either end of a note, half
        of what is compared lies outside it.
    periods, window
        Length of what is compared: so many lags, but at least so many seconds.
    line, line_rise, off_line
        A frame is moved onto the line through its neighbours within so many seconds, who differ
        by at most so many units of place at that distance, if it is so many off it.
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
    beside: int = 800
    beside_cost: int = 1000
    beside_rise: int = 80
    periods: int = 2
    window: float = 0.014
    line: float = 0.03
    line_rise: int = 250
    off_line: int = 6
