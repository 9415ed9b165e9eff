"""The frames of the SwiftF0 network: rate, hop and voicing threshold."""

from __future__ import annotations

from swift_f0 import FRAME_PERIOD, SAMPLE_RATE

RATE: int = SAMPLE_RATE
HOP: int = round(FRAME_PERIOD * RATE)
VOICING_THRESHOLD = 0.5
"""Confidence from which the network counts a frame as voiced."""
