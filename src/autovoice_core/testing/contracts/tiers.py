"""The numbers behind the quality tiers; the table in docs/backends.md says the same."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends.offer import Operation, Quality


@frozen
class Bound:
    """A figure that must be at least, or at most, a limit."""

    figure: str
    limit: float
    text: str
    at_least: bool = True

    def missed(self, value: float) -> str | None:
        """Return what is wrong with ``value``, None if nothing is."""
        if (value >= self.limit) if self.at_least else (value <= self.limit):
            return None
        side = "at least" if self.at_least else "at most"
        return f"{self.text.format(value)}, and must be {side} {self.limit:g}"


def _clean(limit: float) -> Bound:
    return Bound("clean", limit, "{:.1f} % of voiced frames are within 50 cents on clean singing")


def _noisy(limit: float) -> Bound:
    return Bound("noisy", limit, "{:.1f} % of voiced frames are within 50 cents at 10 dB of noise")


def _cents(limit: float) -> Bound:
    return Bound("cents", limit, "the median error is {:.1f} cents", at_least=False)


def _voicing(limit: float) -> Bound:
    return Bound("precision", limit, "{:.1f} % of frames called voiced are")


def _gain(limit: float) -> Bound:
    return Bound("gain", limit, "the vocals gain {:.1f} dB in SDR over the mixture")


def _sung(limit: float) -> Bound:
    return Bound("cents", limit, "the median error of f0 is {:.1f} cents", at_least=False)


def _margin(limit: float) -> Bound:
    return Bound("margin", limit, "the average timbre goes {:.2f} of the way to the target")


def _frames(limit: float) -> Bound:
    return Bound("frames", limit, "moment by moment it goes {:.2f} of the way to the target")


TIERS: dict[Operation, dict[Quality, tuple[Bound, ...]]] = {
    "pitch": {
        Quality.DRAFT: (_clean(90), _cents(10), _voicing(85)),
        Quality.GOOD: (_clean(97), _cents(5), _voicing(93)),
        Quality.BEST: (_clean(99), _cents(5), _voicing(97), _noisy(99)),
    },
    "separation": {
        Quality.DRAFT: (_gain(6),),
        Quality.GOOD: (_gain(9),),
        Quality.BEST: (_gain(12),),
    },
    "conversion": {
        Quality.DRAFT: (_sung(20), _margin(0.1)),
        Quality.GOOD: (_sung(8), _margin(0.3)),
        Quality.BEST: (_sung(8), _margin(0.6), _frames(0.3)),
    },
}
"""What each tier takes, by operation; higher tiers take what lower ones do and more."""


def shortfall(operation: Operation, tier: Quality, figures: dict[str, float]) -> list[str]:
    """Return what figures miss of a tier; nothing if they reach it."""
    missed = (bound.missed(figures[bound.figure]) for bound in TIERS[operation][tier])
    return [text for text in missed if text]
