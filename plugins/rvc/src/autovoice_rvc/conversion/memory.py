"""Memory that conversion takes, as measured with every architecture's largest."""

from __future__ import annotations

from autovoice_rvc.architecture import ARCHITECTURES, FRAMES_PER_SECOND
from autovoice_rvc.conversion.blocks import BLOCK_SECONDS, CONTEXT_SECONDS
from autovoice_rvc.networks.memory import contentvec_bytes, decoder_bytes, latent_bytes

VOICE_BYTES = 280e6
"""Of a voice's network in float32, and of the code that is loaded to run it; the index, of which
core knows nothing, comes in addition."""
READING_BYTES, SINGING_BYTES = 60e6, 330e6
"""Kept by oneDNN of its convolutions, and by the C library of freed memory, while words are read
and while a piece is sung."""
SUNG_SAMPLE_BYTES = 110
"""Of each sample that is sung: its phase, noise and sound."""
SAMPLE_BYTES = 70
"""Of each sample of a channel: the powers and gains that loudness is followed by."""
TIMBRE_SAMPLE_BYTES = 250
"""Of each sample while its timbre is moved towards the source's."""
HIGHEST_FORMANT = 2
"""An octave, by which formants can be raised: so many times as many frames are sung."""


def window_bytes(frames: int, channels: int, sample_rate: int) -> float:
    """Return the bytes that observing or rendering a window takes, whichever is more."""
    longest = BLOCK_SECONDS * 3 // 2 + 2 * CONTEXT_SECONDS
    reading = max(
        contentvec_bytes(longest * FRAMES_PER_SECOND // 2),
        latent_bytes(longest * FRAMES_PER_SECOND),
    )
    seconds = frames / sample_rate + 1
    sung = round(HIGHEST_FORMANT * seconds * FRAMES_PER_SECOND)
    singing = max(
        decoder_bytes(each, sung) + SUNG_SAMPLE_BYTES * each.hop * sung for each in ARCHITECTURES
    )
    following = SAMPLE_BYTES * frames * (channels + 1) + TIMBRE_SAMPLE_BYTES * frames
    return max(READING_BYTES + reading, SINGING_BYTES + max(singing, following))
