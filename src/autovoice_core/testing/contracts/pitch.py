"""What a pitch estimator promises."""

from __future__ import annotations

from autovoice_core.testing.contracts.batching import Batching
from autovoice_core.testing.contracts.claims import Claims
from autovoice_core.testing.contracts.conduct import Conduct
from autovoice_core.testing.contracts.lengths import Lengths
from autovoice_core.testing.contracts.licences import Licences
from autovoice_core.testing.contracts.parity import Parity
from autovoice_core.testing.contracts.pitch_form import PitchForm
from autovoice_core.testing.contracts.pitch_truth import PitchTruth
from autovoice_core.testing.contracts.residency import Residency
from autovoice_core.testing.contracts.streaming import Streaming


class PitchContract(
    PitchForm,
    PitchTruth,
    Claims,
    Licences,
    Conduct,
    Lengths,
    Residency,
    Batching,
    Streaming,
    Parity,
):
    """Proves a pitch estimator: subclass it and name the ``backend``."""
