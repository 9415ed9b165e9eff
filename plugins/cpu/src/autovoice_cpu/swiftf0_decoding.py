"""Decoding of the network's posteriors: a best path of f0, then notes by voicing thresholds."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_cpu.swiftf0_level import loudest_nearby
from autovoice_cpu.swiftf0_network import CLASS_F0, CLASSES, Posteriors

Floats = NDArray[np.float64]

STEP_COST, MAX_STEP_COST = 0.5, 8.0
"""Cost in log odds of a path for each class that it moves from frame to frame, and at most."""
USUAL_F0 = (62.0, 1100.0)
"""Hz; range in which singing lies nearly always."""
UNUSUAL_COST = 3.0
"""Cost of an f0 outside it; any less makes more octave errors in separated vocals."""

CONTINUES, BEGINS = 0.1, 0.4
"""Confidence from which a frame is voiced next to voiced ones, and which a note reaches."""
CONTINUES_IN_MIXTURE, BEGINS_IN_MIXTURE = 0.05, 0.3
QUIET_DB, QUIET_COST = 18.0, 0.2
"""Decibels below the loudest frame nearby that cost nothing, and log odds for each one more."""

MIXTURE_WEIGHT = 0.7
"""Weight of the mixture's posterior where the vocals are all of it and say nothing."""
VOICING_WEIGHT = 0.47
"""Weight of the log odds of voicing in the vocals, and of those in the mixture."""
MASK_WEIGHT, MASK_DB, MIN_MASK_DB = 0.13, 9.0, -40.0
"""Log odds for each decibel of the vocals over the mixture, counted from ``-MASK_DB``; what a
separator attenuates much is residue."""


@frozen(eq=False)
class Evidence:
    """What a frame's f0 and voicing are decided by.

    Attributes
    ----------
    log_posterior
        ``(frames, CLASSES)``.
    voicing
        ``(frames,)`` log odds.
    continues, begins
        Confidence from which a frame is voiced next to voiced ones, and which a note reaches.
    """

    log_posterior: Floats
    voicing: Floats
    continues: float = CONTINUES
    begins: float = BEGINS


def evidence_alone(vocals: Posteriors) -> Evidence:
    """Return the evidence of vocals by themselves; quiet frames need more to be voiced."""
    energy = vocals.energy
    quiet_db = 10 * np.log10((loudest_nearby(energy) + 1e-14) / (energy + 1e-14))
    cost = QUIET_COST * np.maximum(quiet_db - QUIET_DB, 0.0)
    return Evidence(vocals.log_posterior, vocals.voicing - cost)


def evidence_in_mixture(vocals: Posteriors, mixture: Posteriors) -> Evidence:
    """Return the evidence of separated vocals and of the mixture that they come from.

    The mixture is what a separator has not damaged. It counts the more, the more of its energy
    the vocals have, and the less certain the network is of the vocals. A frame of which the
    separator left little is hardly voiced.
    """
    share = np.clip((vocals.energy + 1e-14) / (mixture.energy + 1e-14), 0.0, 1.0)
    weight = MIXTURE_WEIGHT * np.sqrt(share) * (1 - confidence_of(vocals.voicing))
    log_posterior = (1 - weight)[:, None] * vocals.log_posterior
    log_posterior += weight[:, None] * mixture.log_posterior
    mask_db = np.maximum(10 * np.log10(share), MIN_MASK_DB)
    voicing = VOICING_WEIGHT * (vocals.voicing + mixture.voicing)
    voicing = voicing + MASK_WEIGHT * (mask_db + MASK_DB)
    return Evidence(log_posterior, voicing, CONTINUES_IN_MIXTURE, BEGINS_IN_MIXTURE)


def decode(evidence: Evidence, fmin: float, fmax: float) -> tuple[Floats, Floats]:
    """Return f0 within ``fmin`` to ``fmax``, in Hz, and confidence: ``(frames,)`` each.

    A frame is voiced if its confidence is at least ``evidence.continues``; that of a stretch
    above this which nowhere reaches ``evidence.begins`` is lowered.
    """
    margin = np.sqrt(CLASS_F0[1] / CLASS_F0[0])
    allowed = (CLASS_F0 * margin >= fmin) & (fmax * margin >= CLASS_F0)
    inside = np.where(allowed, evidence.log_posterior, -np.inf)
    unusual = (USUAL_F0[0] > CLASS_F0) | (USUAL_F0[1] < CLASS_F0)
    path = best_path(np.maximum(inside - UNUSUAL_COST * unusual, -1e9))
    # What lies outside the range asked for is no evidence of voicing.
    mass = np.log(np.exp(inside).sum(axis=1) + 1e-12)
    bounded = evolve(evidence, voicing=evidence.voicing + mass)
    return np.clip(_between_classes(inside, path), fmin, fmax), _joined_notes(bounded)


def best_path(scores: Floats) -> NDArray[np.int64]:
    """Return the class of each frame on the best path (Viterbi 1967) through ``scores``."""
    classes = np.arange(CLASSES)
    distance = np.abs(classes[:, None] - classes)
    step = np.minimum(STEP_COST * distance, MAX_STEP_COST)
    before = np.zeros(scores.shape, np.int64)
    total = scores[0]
    for frame in range(1, len(scores)):
        reached = total - step
        before[frame] = reached.argmax(axis=1)
        total = reached[classes, before[frame]] + scores[frame]
    path = np.empty(len(scores), np.int64)
    path[-1] = total.argmax()
    for frame in range(len(scores) - 1, 0, -1):
        path[frame - 1] = before[frame, path[frame]]
    return path


def confidence_of(log_odds: Floats) -> Floats:
    """Return the probabilities of log odds."""
    odds: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -50.0, 50.0)))
    return odds


def _between_classes(log_posterior: Floats, path: NDArray[np.int64]) -> Floats:
    """Return the mean f0 of the class on the path and its neighbours, weighted by probability."""
    near = np.clip(path[:, None] + np.arange(-1, 2), 0, CLASSES - 1)
    scores = np.take_along_axis(log_posterior, near, axis=1)
    weights = np.exp(scores - scores[:, 1:2])
    mean = (weights * np.log(CLASS_F0)[near]).sum(axis=1) / weights.sum(axis=1)
    f0: Floats = np.exp(mean)
    return f0


def _joined_notes(evidence: Evidence) -> Floats:
    """Return the confidence of each frame, below ``continues`` where there is no note."""
    confidence = confidence_of(evidence.voicing)
    edges = np.diff((confidence >= evidence.continues).astype(np.int8), prepend=0, append=0)
    stretches = zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True)
    for begin, end in stretches:
        if confidence[begin:end].max() < evidence.begins:
            confidence[begin:end] = 0.5 * evidence.continues
    return confidence
