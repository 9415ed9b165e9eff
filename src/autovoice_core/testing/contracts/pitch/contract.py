"""The contract of pitch estimators, put together from its groups of tests."""

from __future__ import annotations

from autovoice_core.testing.contracts.common.batching import Batching
from autovoice_core.testing.contracts.common.claims import Claims
from autovoice_core.testing.contracts.common.kernel_parity import KernelParity
from autovoice_core.testing.contracts.common.lengths import Lengths
from autovoice_core.testing.contracts.common.licences import Licences
from autovoice_core.testing.contracts.common.purity import Purity
from autovoice_core.testing.contracts.common.residency import Residency
from autovoice_core.testing.contracts.common.streaming import Streaming
from autovoice_core.testing.contracts.pitch.accuracy import TrackAccuracy
from autovoice_core.testing.contracts.pitch.form import TrackForm
from autovoice_core.testing.contracts.pitch.resolution import TrackResolution


class PitchContract(
    TrackForm,
    TrackAccuracy,
    TrackResolution,
    Claims,
    Licences,
    Purity,
    Lengths,
    Residency,
    Batching,
    Streaming,
    KernelParity,
):
    """Tests of a pitch estimator: subclass it and name the ``backend``."""
