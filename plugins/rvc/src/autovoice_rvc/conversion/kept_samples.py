"""The part of a stream that is still needed, by its position in the whole."""

from __future__ import annotations

import torch


class KeptSamples:
    """Samples ``(channels, n)`` that grow at the end and are forgotten at the beginning."""

    def __init__(self) -> None:
        self.values = torch.zeros(0, 0)
        self._start = 0

    @property
    def end(self) -> int:
        """Position after the last sample."""
        return self._start + int(self.values.shape[1])

    def append(self, samples: torch.Tensor) -> None:
        """Add samples at the end."""
        started = self.values.shape[0] > 0
        self.values = torch.cat([self.values, samples], dim=1) if started else samples.clone()

    def crossfade(self, samples: torch.Tensor, begin: int, end: int) -> None:
        """Add samples that begin at ``begin``, faded in until ``end``, where the others end."""
        if begin < end and self.values.shape[0]:
            rise = (torch.arange(end - begin, device=samples.device) + 0.5) / (end - begin)
            faded = self.values[:, begin - self._start :]
            faded *= 1 - rise
            faded += rise * samples[:, : end - begin]
            samples = samples[:, end - begin :]
        self.append(samples)

    def between(self, begin: int, end: int) -> torch.Tensor:
        """Return the samples from ``begin`` to ``end``, as far as they are there."""
        return self.values[:, max(begin - self._start, 0) : max(end - self._start, 0)]

    def forget(self, before: int) -> None:
        """Forget all before a position."""
        drop = min(max(before - self._start, 0), self.values.shape[1])
        self.values, self._start = self.values[:, drop:], self._start + drop
