"""The architectures of RVC voices, and the arrays that a voice of each holds.

An architecture is told by a file's version, its sample rate and whether it takes a pitch. The sizes
are those of the public training configurations of RVC v1 and v2.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from attrs import frozen

LATENT = 192
"""Values per frame of the text encoder, and of what the flow and the decoder are given."""
FILTER = 768
SPEAKER = 256
"""Values of a speaker's embedding."""
HEADS = 2
ENCODER_LAYERS = 6
ATTENTION_WINDOW = 10
"""Frames to either side over which attention knows the distance."""
PITCHES = 256
COUPLINGS = 4
WAVENET_LAYERS, WAVENET_KERNEL = 3, 5
DECODER_CHANNELS = 512
BLOCK_KERNELS = (3, 7, 11)
DILATIONS = (1, 3, 5)
FRAMES_PER_SECOND = 100


@frozen
class Architecture:
    """The sizes that differ between RVC voices.

    Parameters
    ----------
    version
        1 or 2: content of 256 or 768 values a frame.
    sample_rate
        32000, 40000 or 48000 Hz.
    f0
        Whether the voice takes a pitch.
    upsample_rates, upsample_kernels
        Strides and kernels of the decoder's transposed convolutions.
    speakers
        Rows of the table of speakers; 109 but for files made elsewhere.
    """

    version: int
    sample_rate: int
    f0: bool
    upsample_rates: tuple[int, ...]
    upsample_kernels: tuple[int, ...]
    speakers: int = 109

    @property
    def content_size(self) -> int:
        """Values of content a frame."""
        return 256 if self.version == 1 else 768

    @property
    def hop(self) -> int:
        """Samples of a frame of 10 ms."""
        return self.sample_rate // FRAMES_PER_SECOND

    @property
    def name(self) -> str:
        """As users say it: "v2 40k", or "v2 40k without f0"."""
        plain = f"v{self.version} {self.sample_rate // 1000}k"
        return plain if self.f0 else f"{plain} without f0"

    def stages(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield channels in, channels out, rate, kernel and samples still to come of each stage.

        The last is the product of the rates of later stages: how many samples of the output one
        step after this stage becomes.
        """
        for stage, (rate, kernel) in enumerate(
            zip(self.upsample_rates, self.upsample_kernels, strict=True)
        ):
            channels = DECODER_CHANNELS >> stage
            yield channels, channels // 2, rate, kernel, prod(self.upsample_rates[stage + 1 :])

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every array of a voice, by name.

        Weight norm is spelled in the old way: ``weight_g`` (length) and ``weight_v`` (direction).
        """
        return {
            "emb_g.weight": (self.speakers, SPEAKER),
            **self._encoder_shapes(),
            **_flow_shapes(),
            **self._decoder_shapes(),
        }

    def _encoder_shapes(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        found |= _with_bias("enc_p.emb_phone", (LATENT, self.content_size))
        if self.f0:
            found["enc_p.emb_pitch.weight"] = (PITCHES, LATENT)
        head = (1, 2 * ATTENTION_WINDOW + 1, LATENT // HEADS)
        for layer in range(ENCODER_LAYERS):
            attention = f"enc_p.encoder.attn_layers.{layer}"
            found |= {f"{attention}.emb_rel_k": head, f"{attention}.emb_rel_v": head}
            for part in "qkvo":
                found |= _with_bias(f"{attention}.conv_{part}", (LATENT, LATENT, 1))
            for norm in (1, 2):
                name = f"enc_p.encoder.norm_layers_{norm}.{layer}"
                found |= {f"{name}.gamma": (LATENT,), f"{name}.beta": (LATENT,)}
            name = f"enc_p.encoder.ffn_layers.{layer}"
            found |= _with_bias(f"{name}.conv_1", (FILTER, LATENT, 3))
            found |= _with_bias(f"{name}.conv_2", (LATENT, FILTER, 3))
        return found | _with_bias("enc_p.proj", (2 * LATENT, LATENT, 1))

    def _decoder_shapes(self) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        if self.f0:
            found |= _with_bias("dec.m_source.l_linear", (1, 1))
        found |= _with_bias("dec.conv_pre", (DECODER_CHANNELS, LATENT, 7))
        found |= _with_bias("dec.cond", (DECODER_CHANNELS, SPEAKER, 1))
        channels = DECODER_CHANNELS
        for stage, (before, channels, _, kernel, later) in enumerate(self.stages()):
            found |= _normed(f"dec.ups.{stage}", (before, channels, kernel), channels)
            if self.f0:
                reach = 2 * later if later > 1 else 1
                found |= _with_bias(f"dec.noise_convs.{stage}", (channels, 1, reach))
            for place, block_kernel in enumerate(BLOCK_KERNELS):
                block = f"dec.resblocks.{stage * len(BLOCK_KERNELS) + place}"
                for step in range(len(DILATIONS)):
                    for convs in ("convs1", "convs2"):
                        shape = (channels, channels, block_kernel)
                        found |= _normed(f"{block}.{convs}.{step}", shape, channels)
        found["dec.conv_post.weight"] = (1, channels, 7)
        return found


def _flow_shapes() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for coupling in range(COUPLINGS):
        # Couplings alternate with reversals of the channels, which hold nothing.
        name = f"flow.flows.{2 * coupling}"
        found |= _with_bias(f"{name}.pre", (LATENT, LATENT // 2, 1))
        conditioned = 2 * LATENT * WAVENET_LAYERS
        found |= _normed(f"{name}.enc.cond_layer", (conditioned, SPEAKER, 1), conditioned)
        for layer in range(WAVENET_LAYERS):
            inner = (2 * LATENT, LATENT, WAVENET_KERNEL)
            found |= _normed(f"{name}.enc.in_layers.{layer}", inner, 2 * LATENT)
            # The last layer has nothing to hand on, only its share of the sum.
            out = LATENT if layer == WAVENET_LAYERS - 1 else 2 * LATENT
            found |= _normed(f"{name}.enc.res_skip_layers.{layer}", (out, LATENT, 1), out)
        found |= _with_bias(f"{name}.post", (LATENT // 2, LATENT, 1))
    return found


def _with_bias(name: str, weight: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": weight, f"{name}.bias": weight[:1]}


def _normed(name: str, weight: tuple[int, ...], out: int) -> dict[str, tuple[int, ...]]:
    lengths = (weight[0], 1, 1)
    return {f"{name}.weight_g": lengths, f"{name}.weight_v": weight, f"{name}.bias": (out,)}


_UPSAMPLING = {
    (1, 32_000): ((10, 4, 2, 2, 2), (16, 16, 4, 4, 4)),
    (1, 40_000): ((10, 10, 2, 2), (16, 16, 4, 4)),
    (1, 48_000): ((10, 6, 2, 2, 2), (16, 16, 4, 4, 4)),
    (2, 32_000): ((10, 8, 2, 2), (20, 16, 4, 4)),
    (2, 40_000): ((10, 10, 2, 2), (16, 16, 4, 4)),
    (2, 48_000): ((12, 10, 2, 2), (24, 20, 4, 4)),
}

ARCHITECTURES = tuple(
    Architecture(version, sample_rate, f0, rates, kernels)
    for (version, sample_rate), (rates, kernels) in _UPSAMPLING.items()
    for f0 in (True, False)
)
"""Every architecture that RVC trains."""


def find_architecture(version: int, sample_rate: int, f0: bool) -> Architecture | None:
    """Return the architecture of RVC's that is so, or None if there is none."""
    for each in ARCHITECTURES:
        if (each.version, each.sample_rate, each.f0) == (version, sample_rate, f0):
            return each
    return None
