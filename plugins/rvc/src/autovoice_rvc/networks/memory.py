"""Memory of the networks while they run: measured, and rounded up by a tenth.

Weights and the result of the network are not counted in.
"""

from __future__ import annotations

from math import prod

from autovoice_rvc.architecture import Architecture
from autovoice_rvc.networks.decoder import PIECE, decoder_reach

CONTENTVEC_FRAME = 370_000
"""Of each frame of 20 ms: the output of the first convolution, twice while it is normalised."""
ENCODER_FRAME, ENCODER_PAIR = 20_000, 29
"""Of each frame of 10 ms, and of each pair of frames, as attention weighs all against all."""
FLOW_FRAME = 15_000
SIGNALS = 6.4
"""Signals of the widest stage that the decoder holds at once."""


def contentvec_bytes(frames: int) -> int:
    """Return the bytes that ContentVec takes for so many frames of 20 ms."""
    return CONTENTVEC_FRAME * frames


def latent_bytes(frames: int) -> int:
    """Return the bytes that the text encoder or the flow takes for so many frames of 10 ms."""
    return max(ENCODER_FRAME * frames + ENCODER_PAIR * frames**2, FLOW_FRAME * frames)


def decoder_bytes(architecture: Architecture, frames: int) -> int:
    """Return the bytes that the decoder takes for so many frames of 10 ms: no more for a song."""
    together = min(frames, PIECE + 2 * decoder_reach(architecture))
    rates = architecture.upsample_rates
    widest = max(
        channels * prod(rates[: stage + 1])
        for stage, (_, channels, _, _, _) in enumerate(architecture.stages())
    )
    return int(SIGNALS * 4 * widest * together)


def synthesiser_bytes(architecture: Architecture, frames: int) -> int:
    """Return the bytes that a voice's network takes for so many frames of 10 ms.

    Its parts run one after the other.
    """
    return max(latent_bytes(frames), decoder_bytes(architecture, frames))
