"""Likeness of converted voices to their target and their source, by two speaker encoders.

By Resemblyzer a sentence has 0.93 to 40 s of other sentences of its reader (5th to 95th percentile
0.88 to 0.97) and 0.61 (0.50 to 0.72) to those of another; by CAM++ 0.89 (0.82 to 0.94) and 0.39
(0.28 to 0.51): three sentences of each of twelve readers of LibriSpeech, VCTK and the Voice
Conversion Challenge 2018. 14 dB quieter, without bringing it to their loudness, the first is 0.87.
"""

from __future__ import annotations

from typing import Any

from judges import CamPlusPlus, Resemblyzer, Signal, at_loudness, loudness_of

ENCODERS = {Resemblyzer: "", CamPlusPlus: "campp_"}
"""The encoders, and what the names of their columns begin with."""
COLUMNS = {
    "to_target": "to target",
    "margin": "margin",
    "campp_to_target": "CAM++ to target",
    "campp_margin": "margin",
}
"""Columns of a table; the margin is the similarity to the target less that to the source."""


class Likeness:
    """Cosines of embeddings to those of a target and of a source, all at the target's loudness.

    Parameters
    ----------
    by
        The judges that are installed, by name.
    target, source
        What either recorded, ``(frames,)``.
    rates
        The sample rates of target and source, Hz.
    """

    def __init__(
        self, by: dict[str, Any], target: Signal, source: Signal, rates: tuple[int, int]
    ) -> None:
        self.loudness = loudness_of(target, rates[0])
        source = at_loudness(source, rates[1], self.loudness)
        self.speakers = {
            prefix: (encoder, encoder.embed(target, rates[0]), encoder.embed(source, rates[1]))
            for kind, prefix in ENCODERS.items()
            if (encoder := by.get(kind.__name__))
        }

    def of(self, signal: Signal, rate: int) -> dict[str, float]:
        """Return the columns of a result."""
        row = {}
        for prefix, (encoder, target, source) in self.speakers.items():
            embedding = encoder.embed(at_loudness(signal, rate, self.loudness), rate)
            to_target, to_source = float(embedding @ target), float(embedding @ source)
            row |= {f"{prefix}to_target": to_target, f"{prefix}to_source": to_source}
            row[f"{prefix}margin"] = to_target - to_source
        return row
