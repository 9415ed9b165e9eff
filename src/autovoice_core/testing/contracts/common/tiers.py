"""Limits of the quality tiers, as in the table of docs/tiers.md."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from autovoice_core.backends.offer import Operation, Quality


@frozen
class Bound:
    """A lower or upper limit of a figure."""

    figure: str
    limit: float
    text: str
    at_least: bool = True

    def shortfall(self, value: float) -> str | None:
        """Return a sentence on ``value`` if it is beyond the limit, else None."""
        if (value >= self.limit) if self.at_least else (value <= self.limit):
            return None
        side = "at least" if self.at_least else "at most"
        return f"{self.text.format(value)}, and must be {side} {self.limit:g}"


def _clean_accuracy(limit: float) -> Bound:
    return Bound("clean", limit, "{:.1f} % of voiced frames are within 50 cents on clean singing")


def _noisy_accuracy(limit: float) -> Bound:
    return Bound("noisy", limit, "{:.1f} % of voiced frames are within 50 cents at 10 dB of noise")


def _separated_accuracy(limit: float) -> Bound:
    return Bound(
        "separated", limit, "{:.1f} % of voiced frames are within 50 cents on separated vocals"
    )


def _median_error(limit: float) -> Bound:
    return Bound("cents", limit, "the median error is {:.1f} cents", at_least=False)


def _voicing_precision(limit: float) -> Bound:
    return Bound("precision", limit, "{:.1f} % of frames called voiced are voiced")


def _sdr_gain(limit: float) -> Bound:
    return Bound("gain", limit, "the vocals gain {:.1f} dB in SDR over the mixture")


def _f0_error(limit: float) -> Bound:
    return Bound("cents", limit, "the median error of f0 is {:.1f} cents", at_least=False)


def _mean_timbre(limit: float) -> Bound:
    return Bound("margin", limit, "the average timbre goes {:.2f} of the way to the target")


def _frame_timbre(limit: float) -> Bound:
    return Bound("frames", limit, "frame by frame it goes {:.2f} of the way to the target")


def _agreement(limit: float) -> Bound:
    return Bound("agreement", limit, "sibilants agree with the hiss of the sound by {:.2f} only")


def _bandwidth(limit: float) -> Bound:
    return Bound("bandwidth", limit, "the sound ends at {:.1f} kHz")


TIERS: dict[Operation, dict[Quality, tuple[Bound, ...]]] = {
    "pitch": {
        Quality.DRAFT: (_clean_accuracy(90), _median_error(10), _voicing_precision(85)),
        Quality.GOOD: (
            _clean_accuracy(97),
            _median_error(5),
            _voicing_precision(93),
            _separated_accuracy(90),
        ),
        Quality.BEST: (
            _clean_accuracy(99),
            _median_error(5),
            _voicing_precision(97),
            _noisy_accuracy(99),
            _separated_accuracy(95),
        ),
    },
    "separation": {
        Quality.DRAFT: (_sdr_gain(6),),
        Quality.GOOD: (_sdr_gain(9),),
        Quality.BEST: (_sdr_gain(12),),
    },
    "conversion": {
        Quality.DRAFT: (_f0_error(20), _mean_timbre(0.1)),
        Quality.GOOD: (_f0_error(8), _mean_timbre(0.3)),
        Quality.BEST: (_f0_error(8), _mean_timbre(0.6), _frame_timbre(0.3)),
    },
    "speech": {
        Quality.DRAFT: (_agreement(0.4),),
        Quality.GOOD: (_agreement(0.6), _bandwidth(8)),
        Quality.BEST: (_agreement(0.6), _bandwidth(14)),
    },
}
"""Limits of each tier, by operation; a higher tier is at least as strict in every figure."""


Figures = Mapping[str, Mapping[str, float]]
"""Figures by the circumstances in which they are measured, e.g. ``"at 44.1 kHz"``.

Those that are not given in some circumstances are not judged there.
"""


def shortfall(operation: Operation, tier: Quality, figures: Figures) -> list[str]:
    """Return a sentence for each figure that falls short of a tier, in any circumstances."""
    return [
        f"{where}: {text}" if where else text
        for where, measured in figures.items()
        for bound in TIERS[operation].get(tier, ())
        if bound.figure in measured
        if (text := bound.shortfall(measured[bound.figure]))
    ]
