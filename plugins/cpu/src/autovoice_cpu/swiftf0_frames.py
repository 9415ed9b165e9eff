"""The frames of the SwiftF0 network: rate and hop."""

from __future__ import annotations

from swift_f0 import FRAME_PERIOD, SAMPLE_RATE

RATE: int = SAMPLE_RATE
HOP: int = round(FRAME_PERIOD * RATE)
