"""The constants of the tracker, and the parameters that may be set."""

from __future__ import annotations

from attrs import frozen

PERFECT_SCORE = 4096
"""The score of a signal that repeats itself exactly."""
NO_CANDIDATE = -(1 << 20)
"""Score of a candidate that is missing: a frame had fewer peaks than are kept."""
FORBIDDEN_SCORE = -(1 << 28)
"""Score of a state that may not be taken; no path's score falls below it."""

UNITS_PER_OCTAVE = 1024
"""Units of a log lag in an octave."""
LAG_TABLE_STEPS = 16
"""Steps a sample of lag at which log lags are tabulated."""

FULL_SCALE = 1 << 23
"""Full scale of samples as integers."""
CLIP_LEVEL = 8.0
"""Level, as a multiple of full scale, at which samples are clipped."""
ANALYSIS_RATE = 22050
"""Rate in Hz near which correlation runs."""
LOW_PASS_HZ = 5000.0
"""Cutoff of the low pass; higher frequencies add more noise than harmonics."""

ENERGY_BLOCK = 256
"""Samples of the analysis rate whose energy is summed to measure loudness."""
MIN_BLOCK_ENERGY = ENERGY_BLOCK * 84**2
"""Energy of a block at -100 dB of full scale; a quieter one is never voiced."""


@frozen
class TrackerParameters:
    """The parameters of the tracker. Scores and costs are in units of 1/4096 of a perfect score.

    Attenuation is counted in halvings of energy (3 dB) below the loudest block nearby, differences
    of pitch in units of log lag, 1024 an octave.

    Attributes
    ----------
    candidates
        Peaks kept of each frame.
    octave_cost
        Cost of a lag for each octave that it is longer than the shortest.
    jump_cost, max_jump_cost
        Cost of moving an octave from frame to frame, and the most that any movement costs.
    voicing_threshold
        Score from which a frame is voiced.
    voicing_change_cost
        Cost of a change between voiced and unvoiced.
    silence_gate
        Attenuation from which a frame is silence (17 are 51 dB).
    gate_seconds
        Seconds to either side in which the loudest block is looked for.
    quiet_gate, quiet_cost
        Attenuation that costs nothing, and the cost of each unit more: a voice that dies away or
        breathes still repeats itself, but is soft.
    noise_cost
        Cost of a frame that was mostly noise: what is left of noise repeats itself a little.
    support_gain, support_cost, support_distance
        A frame scores as well as an adjacent one, less the cost, if their pitches differ by at
        most the distance; but it gains no more than ``support_gain``. At either end of a note,
        half of what is compared lies outside it.
    window_periods, min_window_seconds, max_window_seconds
        Length of the window of a lag: so many lags, but within so many seconds. Half of the
        longest lag and its window is what a stream waits for.
    regression_seconds, regression_rise, regression_tolerance
        A frame that lies at least the tolerance off the local regression is moved onto it. The
        regression reaches so many seconds to either side, over frames that differ by at most
        ``regression_rise`` at that distance.
    """

    candidates: int = 16
    octave_cost: int = 164
    jump_cost: int = 3686
    max_jump_cost: int = 4915
    voicing_threshold: int = 1650
    voicing_change_cost: int = 2500
    silence_gate: int = 17
    gate_seconds: float = 1.0
    quiet_gate: int = 6
    quiet_cost: int = 150
    noise_cost: int = 150
    support_gain: int = 800
    support_cost: int = 1000
    support_distance: int = 80
    window_periods: int = 2
    min_window_seconds: float = 0.014
    max_window_seconds: float = 0.04
    regression_seconds: float = 0.03
    regression_rise: int = 250
    regression_tolerance: int = 6
